-- Input:  now; id
-- Output: its record, empty when there is none or its time is over
local p = KEYS[1]
--- @include now

local due = redis.call("ZSCORE", p .. "tasks-due", ARGV[2])
if not due or tonumber(due) <= now_ms(ARGV[1]) then return "" end
return redis.call("HGET", p .. "tasks", ARGV[2]) or ""
