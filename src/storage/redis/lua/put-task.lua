-- Input:  id; record; when it expires
-- Output: nothing
local p = KEYS[1]
redis.call("HSET", p .. "tasks", ARGV[1], ARGV[2])
redis.call("ZADD", p .. "tasks-due", ARGV[3], ARGV[1])
