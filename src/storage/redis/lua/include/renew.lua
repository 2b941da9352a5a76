--- @include nodes
-- What a node's heartbeat does on each shard.

-- Renews the leases of runs, whose ids, numbers and nonces come in three lists. The token is the guard: a reaped run is
-- never revived. Output: the ids of runs that are over; of jobs that somebody asked to abort.
local function renew_runs(ids, numbers, nonces)
  local lost, abort, renewed = {}, {}, {}
  local stored = #ids > 0 and redis.call("HMGET", p .. "runs", unpack(ids)) or {}
  for n, id in ipairs(ids) do
    local run = stored[n] and cmsgpack.unpack(stored[n])
    if run and run[R_RUN] == numbers[n] and run[R_NONCE] == nonces[n] then
      run[R_RENEWAL] = run[R_RENEWAL] + 1
      renewed[#renewed + 1] = id
      renewed[#renewed + 1] = cmsgpack.pack(run)
      if run[R_ABORT] == 1 then abort[#abort + 1] = id end
    else
      lost[#lost + 1] = id
    end
  end
  if #renewed > 0 then redis.call("HSET", p .. "runs", unpack(renewed)) end
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

-- A beat is [node, incarnation, memory of its session hosts as JSON, ids, numbers, nonces, worker states], of at most
-- a thousand runs. Output: the version of this shard's table of nodes; the runs that are over; the jobs to abort; the
-- workers to stop
local function beat_here(beat, now)
  local node, incarnation, memory, ids, numbers, nonces, states = unpack(beat)
  if redis.call("HGET", p .. "incarnation", node) == incarnation then store_pulse(node, incarnation, now, memory) end
  report_workers(states, node, incarnation)
  local lost, abort = renew_runs(ids, numbers, nonces)
  return { string.format("%.0f", version_here()), lost, abort, redis.call("ZRANGE", p .. "stopping:" .. node, 0, -1) }
end
