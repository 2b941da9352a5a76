-- Input:  id
-- Output: record, phase, reason, stored and watched; nothing when there is no such batch
local state = redis.call("HMGET", KEYS[1] .. "bulk:" .. ARGV[1], "record", "phase", "reason", "stored", "watched")
return state[1] and state or {}
