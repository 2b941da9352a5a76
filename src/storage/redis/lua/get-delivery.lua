-- Input:  job id
-- Output: its record, "" when there is none
local p = KEYS[1]
return redis.call("HGET", p .. "deliveries", ARGV[1]) or ""
