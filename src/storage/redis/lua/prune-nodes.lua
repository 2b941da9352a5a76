-- Input:  heard before; nodes as msgpack that have workers on other shards
-- Why:    a lost node is forgotten with the last of its dead workers
local p = KEYS[1]
--- @include node-table

local heard_before, kept = tonumber(ARGV[1]), {}
for _, name in ipairs(cmsgpack.unpack(ARGV[2])) do kept[name] = true end
local stored = redis.call("HGETALL", p .. "nodes")
for n = 1, #stored, 2 do
  local name, node = stored[n], cmsgpack.unpack(stored[n + 1])
  local has_workers = kept[name] or redis.call("EXISTS", p .. "workers:node:" .. name) == 1
  if node[N_LOST] == 1 and node[N_HEARD] < heard_before and not has_workers then
    redis.call("HDEL", p .. "nodes", name)
  end
end
