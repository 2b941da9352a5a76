-- Input:  batch id
-- Why:    all its parts are stored; its sealed operations are not kept twice
local p = KEYS[1]
redis.call("ZREM", p .. "batches", ARGV[1])
redis.call("DEL", p .. "batch-record:" .. ARGV[1])
return 1
