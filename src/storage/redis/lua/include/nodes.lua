--- @include workers
-- What a shard knows of nodes, to need no other: `incarnation`, node -> the one that may act (absent when it is lost
-- or unknown), and `pulse`, node -> msgpack [that incarnation, when it was last heard of, memory of its session hosts
-- as JSON]. Every living worker of the shard is of the incarnation that may act.
local P_INCARNATION, P_HEARD, P_MEMORY = 1, 2, 3

-- Which of shard 0's tables of nodes this shard has.
local function version_here()
  return tonumber(redis.call("GET", p .. "nodes:version") or 0)
end

local function pulse_of(node)
  local packed = redis.call("HGET", p .. "pulse", node)
  return packed and cmsgpack.unpack(packed)
end

local function heard_of(node)
  local pulse = pulse_of(node)
  return pulse and pulse[P_HEARD]
end

local function store_pulse(node, incarnation, heard, memory)
  redis.call("HSET", p .. "pulse", node, cmsgpack.pack({ incarnation, heard, memory }))
end

local function let_act(node, incarnation, heard)
  redis.call("HSET", p .. "incarnation", node, incarnation)
  store_pulse(node, incarnation, heard, "{}")
end

local function let_nobody_act(node)
  redis.call("HDEL", p .. "incarnation", node)
  redis.call("HDEL", p .. "pulse", node)
end

-- end_worker(name, fields) for the living workers of a node; `spared`: those of this incarnation live on.
local function each_living(node, spared, end_worker)
  for _, name in ipairs(redis.call("ZRANGE", p .. "workers:node:" .. node, 0, -1)) do
    local w = worker_fields(name)
    if w[W_NODE] and not w[W_DIED_AT] and w[W_INCARNATION] ~= spared then end_worker(name, w) end
  end
end

local function bury_workers(node, spared, heard, now)
  each_living(node, spared, function(name, w) bury_worker(name, w, heard, now) end)
end

local function forget_workers(node)
  each_living(node, false, function(name, w)
    forget_worker(name, w)
    hint("worker", name, node, "ended")
  end)
end

local function holds_started(node)
  for _, packed in ipairs(redis.call("HVALS", p .. "runs")) do
    if cmsgpack.unpack(packed)[R_NODE] == node then return true end
  end
  return false
end
