-- Input:  cursor, pattern, count
-- Output: cursor; list of keys
-- Why:    the one place that walks all keys, of the server that has this shard: those of its other shards as well
return redis.call("SCAN", ARGV[1], "MATCH", ARGV[2], "COUNT", ARGV[3])
