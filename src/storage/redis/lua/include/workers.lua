--- @include later
--- @include hints
-- A worker is the hash `w:<name>`; `workers` and `workers:node:…`, `workers:queue:…`, `workers:host:…` list names in
-- the order of their bytes. A field that is absent stands for null, or for a flag that is not set. Whoever ends
-- workers calls `write_all` and `publish` when all is done.
local function worker_key(name)
  return p .. "w:" .. name
end

-- In the order in which `worker_fields` answers them.
local W_NODE, W_INCARNATION, W_KIND, W_QUEUE, W_HOST, W_DIED_AT, W_SUSPENDED, W_JOB = 1, 2, 3, 4, 5, 6, 7, 8

local function worker_fields(name)
  local w = redis.call(
    "HMGET", worker_key(name), "node", "incarnation", "kind", "queue", "host", "died_at", "suspended", "job"
  )
  -- Emptied, not removed: that is one command with what else changes when a run ends.
  if w[W_JOB] == "" then w[W_JOB] = false end
  return w
end

-- What only a living worker has: its pin, and a node that may have to stop it.
local function release_worker(name, w)
  local pin = "pin:" .. w[W_QUEUE]
  if w[W_KIND] == "pinned" and redis.call("GET", p .. pin) == name then del_later(pin) end
  zrem_later("stopping:" .. w[W_NODE], name)
end

-- Dead, and listed until its retention runs out. `heard`: when its node was last heard of; false when nobody knows.
local function bury_worker(name, w, heard, now)
  redis.call("HSET", worker_key(name), "died_at", now, unpack(heard and { "last_heartbeat", heard } or {}))
  zadd_later("died", now, name)
  release_worker(name, w)
  hint("worker", name, w[W_NODE], "ended")
end

local function forget_worker(name, w)
  zrem_later("died", name)
  zrem_later("workers", name)
  -- Erased by hand, or evicted: nothing else is known of it.
  if not w[W_NODE] then return end
  del_later("w:" .. name)
  zrem_later("workers:node:" .. w[W_NODE], name)
  zrem_later("workers:queue:" .. w[W_QUEUE], name)
  if w[W_HOST] then zrem_later("workers:host:" .. w[W_HOST], name) end
  release_worker(name, w)
end
