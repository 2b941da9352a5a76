-- Input:  device
-- Output: 1 when its key was known, else 0
return redis.call("HDEL", KEYS[1] .. "hostkeys", ARGV[1])
