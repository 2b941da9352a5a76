-- Input:  now; cursor of HSCAN, "0" to begin
-- Output: the time; the next cursor, "0" when all were seen; then records
-- Why:    some hundred at a time, so that nobody waits for a long list
local p = KEYS[1]
--- @include now

local found = redis.call("HSCAN", p .. "tasks", ARGV[2], "COUNT", 200)
local answer = { tostring(now_ms(ARGV[1])), found[1] }
for n = 2, #found[2], 2 do answer[#answer + 1] = found[2][n] end
return answer
