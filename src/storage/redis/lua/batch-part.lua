-- Input:  batch id; number of the part, from 0
-- Output: the part; nothing when there are no more, or somebody has completed the batch meanwhile
-- Why:    one by one, for each may be large
return redis.call("LINDEX", KEYS[1] .. "batch-record:" .. ARGV[1], ARGV[2])
