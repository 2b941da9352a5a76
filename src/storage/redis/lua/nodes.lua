-- Output: name, record as msgpack (see include/node-table.lua) for every node
-- Why:    a read; there are as many as machines
return redis.call("HGETALL", KEYS[1] .. "nodes")
