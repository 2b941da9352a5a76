-- Input:  name
-- Output: its record, empty when there is none
return redis.call("HGET", KEYS[1] .. "secrets", ARGV[1]) or ""
