-- Input:  who began it, the version reached, number of shards
-- Output: 1, or 0 when the lock has lapsed: another may be at it
local p = KEYS[1]
if redis.call("GET", p .. "migrating") ~= ARGV[1] then return 0 end
redis.call("HSET", p .. "schema", "version", ARGV[2], "shards", ARGV[3])
redis.call("DEL", p .. "migrating")
return 1
