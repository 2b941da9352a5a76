-- Input:  id
-- Output: nothing of the batch is left but its jobs
redis.call("DEL", KEYS[1] .. "bulk:" .. ARGV[1])
redis.call("ZREM", KEYS[1] .. "bulks", ARGV[1])
redis.call("ZREM", KEYS[1] .. "bulks-watched", ARGV[1])
return 1
