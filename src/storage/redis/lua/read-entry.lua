-- Input:  name of a hash; field
-- Output: its value, empty when there is none
return redis.call("HGET", KEYS[1] .. ARGV[1], ARGV[2]) or ""
