-- Input:  id
-- Output: name and record of the key; nothing when there is none
local name = redis.call("HGET", KEYS[1] .. "key-ids", ARGV[1])
local record = name and redis.call("HGET", KEYS[1] .. "keys", name)
if not record then return {} end
return { name, record }
