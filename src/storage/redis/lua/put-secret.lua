-- Input:  name; record; 1 when it must be new
-- Output: "added", "replaced" or "taken"
-- Why:    looks and stores in one atom: of two that make the first one decides
local p = KEYS[1]
local known = redis.call("HEXISTS", p .. "secrets", ARGV[1]) == 1
if known and ARGV[3] == "1" then return "taken" end
redis.call("HSET", p .. "secrets", ARGV[1], ARGV[2])
return known and "replaced" or "added"
