-- Input:  id of the current key
-- Output: 1; nothing is changed when another one is current
local p = KEYS[1]
if redis.call("GET", p .. "sealing-key") == ARGV[1] then redis.call("DEL", p .. "sealing-key-before") end
return 1
