--- @include record
--- @include nodes
-- What a node's heartbeat does on each shard.

-- Renews the leases of runs, each [id, run, nonce]. The token is the guard: a reaped run is never revived.
local function renew_part(runs, from, to, lost, abort)
  local ids, renewed = {}, {}
  for n = from, to do ids[#ids + 1] = runs[n][1] end
  local stored = redis.call("HMGET", p .. "runs", unpack(ids))
  for n = from, to do
    local id, packed = runs[n][1], stored[n - from + 1]
    local run = packed and cmsgpack.unpack(packed)
    if run and run[R_RUN] == runs[n][2] and run[R_NONCE] == runs[n][3] then
      run[R_RENEWAL] = run[R_RENEWAL] + 1
      renewed[#renewed + 1] = id
      renewed[#renewed + 1] = cmsgpack.pack(run)
      if run[R_ABORT] == 1 then abort[#abort + 1] = id end
    else
      lost[#lost + 1] = id
    end
  end
  if #renewed > 0 then redis.call("HSET", p .. "runs", unpack(renewed)) end
end

local function renew_runs(runs)
  local lost, abort = {}, {}
  for from = 1, #runs, 1000 do renew_part(runs, from, math.min(from + 999, #runs), lost, abort) end
  return lost, abort
end

-- Each [name, pid, session, sessions opened]. Those of other shards, of others, and dead ones are passed over.
local function report_workers(states, node, incarnation)
  for _, state in ipairs(states) do
    local w = worker_fields(state[1])
    if w[W_NODE] == node and w[W_INCARNATION] == incarnation and not w[W_DIED_AT] then
      redis.call(
        "HSET", worker_key(state[1]), "pid", state[2], "session", state[3], "sessions_opened", state[4]
      )
    end
  end
end

-- Output: 1, or 0 when this shard does not know that the incarnation may act; runs that are not the node's any more;
-- runs to abort; workers to stop
local function beat_here(beat, now)
  local node, incarnation, memory, runs, states = unpack(beat)
  local known = redis.call("HGET", p .. "incarnation", node) == incarnation
  if known then store_pulse(node, incarnation, now, memory) end
  report_workers(states, node, incarnation)
  local lost, abort = renew_runs(runs)
  return { known and 1 or 0, lost, abort, redis.call("SMEMBERS", p .. "stopping:" .. node) }
end
