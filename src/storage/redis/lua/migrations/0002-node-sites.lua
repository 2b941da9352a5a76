-- Output: the record of a node has a place for its sites, not told yet
-- Why:    a node that was registered by an older program tells them when it registers anew
local p = KEYS[1]
local SITES = 9
local stored = redis.call("HGETALL", p .. "nodes")
for n = 1, #stored, 2 do
  local node = cmsgpack.unpack(stored[n + 1])
  if node[SITES] == nil then
    node[SITES] = false
    redis.call("HSET", p .. "nodes", stored[n], cmsgpack.pack(node))
  end
end
return 1
