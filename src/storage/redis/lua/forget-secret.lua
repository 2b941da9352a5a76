-- Input:  name
-- Output: 1, or 0 when there was none
return redis.call("HDEL", KEYS[1] .. "secrets", ARGV[1])
