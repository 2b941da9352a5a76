-- Input:  name
-- Output: 1, or 0 when there was none
-- Why:    both ways to the key go in one atom
local p = KEYS[1]
local record = redis.call("HGET", p .. "keys", ARGV[1])
if not record then return 0 end
redis.call("HDEL", p .. "keys", ARGV[1])
redis.call("HDEL", p .. "key-ids", cjson.decode(record).id)
return 1
