--- @include nodes
-- The truth about nodes, on shard 0: hash `nodes`, name -> msgpack array. `before` is when the incarnation before
-- this one was last heard of; `sites` are JSON, false where it has not told them.
local N_INCARNATION, N_HOSTNAME, N_PID, N_CAPACITY, N_BEAT, N_HEARD, N_LOST, N_BEFORE, N_SITES =
  1, 2, 3, 4, 5, 6, 7, 8, 9

local function node_of(name)
  local packed = redis.call("HGET", p .. "nodes", name)
  return packed and cmsgpack.unpack(packed)
end

local function store_node(name, node)
  redis.call("HSET", p .. "nodes", name, cmsgpack.pack(node))
end

-- Of the table, which grows with every decision: also after a fail-over that has lost the last ones, for the clock is
-- behind it. `seen`: a version that a shard has, which must be an older one.
local function raise_version(seen)
  local time = redis.call("TIME")
  local by_clock = tonumber(time[1]) * 1000000 + tonumber(time[2])
  local version = math.max(by_clock, version_here() + 1, seen + 1)
  redis.call("SET", p .. "nodes:version", string.format("%.0f", version))
end

-- For the other shards, as sync-nodes.lua takes it: version, then msgpack of [name, incarnation | false, when it was
-- last heard of] for each node; false and the time say how to bury what a node has left. The whole table each time:
-- whatever order tables arrive in, and whichever are lost, the newest one makes a shard right.
local function table_of_nodes()
  local stored, rows = redis.call("HGETALL", p .. "nodes"), {}
  for n = 1, #stored, 2 do
    local node = cmsgpack.unpack(stored[n + 1])
    local lost = node[N_LOST] == 1
    rows[#rows + 1] = { stored[n], not lost and node[N_INCARNATION], lost and node[N_HEARD] or node[N_BEFORE] }
  end
  return string.format("%.0f", version_here()), cmsgpack.pack(rows)
end

local function decided()
  raise_version(0)
  return table_of_nodes()
end
