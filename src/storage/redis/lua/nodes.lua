-- Output: name, record as msgpack (see include/node-table.lua) for every node
-- Why:    there are as many as machines. A server that takes no changes takes no heartbeats either: see leases.lua
redis.call("SET", KEYS[1] .. "check", "", "PX", 60000)
return redis.call("HGETALL", KEYS[1] .. "nodes")
