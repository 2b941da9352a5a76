-- Input:  id
-- Output: 1 when there was such a task, else 0
local p = KEYS[1]
redis.call("ZREM", p .. "tasks-due", ARGV[1])
return redis.call("HDEL", p .. "tasks", ARGV[1])
