-- Input:  ids of the key there is, and of the one to come
-- Output: 1, or 0 when another one is there or another change is not over
-- Why:    looks and changes in one atom: of two changes at once one is made
local p = KEYS[1]
local from, to = unpack(ARGV)
local current, before = redis.call("GET", p .. "sealing-key"), redis.call("GET", p .. "sealing-key-before")
if current == to and before == from then return 1 end
if current ~= from or before then return 0 end
redis.call("SET", p .. "sealing-key", to)
redis.call("SET", p .. "sealing-key-before", from)
return 1
