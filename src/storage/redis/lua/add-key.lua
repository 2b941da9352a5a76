-- Input:  name; id; record
-- Output: 1, or 0 when there is one of that name or id
-- Why:    looks and stores in one atom: of two keys of one name one is stored
local p = KEYS[1]
local name, id, record = unpack(ARGV)
if redis.call("HEXISTS", p .. "keys", name) == 1 or redis.call("HEXISTS", p .. "key-ids", id) == 1 then return 0 end
redis.call("HSET", p .. "keys", name, record)
redis.call("HSET", p .. "key-ids", id, name)
return 1
