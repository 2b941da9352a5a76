-- Input:  now; entries
-- Output: they are the last of the log
-- Why:    a stream is only added to, and its ids follow each other whatever the clock does
local p = KEYS[1]
--- @include now

local at = now_ms(ARGV[1])
for n = 2, #ARGV do redis.call("XADD", p .. "audit", "*", "at", string.format("%.0f", at), "entry", ARGV[n]) end
return 1
