-- Output: ids of the current key and of the one before, empty where there is none
local p = KEYS[1]
return { redis.call("GET", p .. "sealing-key") or "", redis.call("GET", p .. "sealing-key-before") or "" }
