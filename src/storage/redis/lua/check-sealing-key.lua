-- Input:  id of the key
-- Output: "recorded", "same" or "changed"
-- Why:    looks and records in one atom: of two first starts at once one decides
local known = redis.call("GET", KEYS[1] .. "sealing-key")
if known then return known == ARGV[1] and "same" or "changed" end
redis.call("SET", KEYS[1] .. "sealing-key", ARGV[1])
return "recorded"
