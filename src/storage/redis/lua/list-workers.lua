-- Input:  after, limit, filter as msgpack: [name, queue, node, host, status]
-- Output: the name to go on after, "" at the end; rows as msgpack, in the positions that worker-rows.ts names; their
--         nodes: name, pulse as msgpack
-- Why:    one step of a listing. What a living worker shares with its node comes once for all of them
local p = KEYS[1]
--- @include nodes
--- @include select-workers

local after, limit = ARGV[1], tonumber(ARGV[2])
local rows, nodes, named = {}, {}, {}

local function note_node(node)
  if named[node] then return end
  named[node] = true
  local pulse = redis.call("HGET", p .. "pulse", node)
  if not pulse then return end
  nodes[#nodes + 1] = node
  nodes[#nodes + 1] = pulse
end

local function take(name, w)
  note_node(w[W_NODE])
  local more = redis.call(
    "HMGET", worker_key(name), "hostname", "pid", "site", "session", "sessions_opened", "birth_at", "last_heartbeat",
    "succeeded", "failed", "busy_ms"
  )
  rows[#rows + 1] = { name, w, more }
  return #rows < limit
end

local next_after = select_workers(cmsgpack.unpack(ARGV[3]), after, take)
return { next_after, cmsgpack.pack(rows), nodes }
