--- @include end
-- How a run ends, or goes back to the queue. Shared by settle, reap and claim, which differ in who may ask.
local ended_runs = {}

local function credit_worker(id, job, counter, now)
  local key = p .. "w:" .. job[WORKER]
  -- It may be another of the same name by now, which runs another job.
  if redis.call("HGET", key, "job") ~= id then return end
  redis.call("HDEL", key, "job")
  if counter then redis.call("HINCRBY", key, counter, 1) end
  redis.call("HINCRBY", key, "busy_ms", math.max(0, now - job[STARTED_AT]))
end

local function leave_run(id, job, counter, now, reaped)
  zrem_later("status:started", id)
  ended_runs[#ended_runs + 1] = id
  if string.sub(job[QUEUE], 1, 7) == "pinned_" then redis.call("HDEL", p .. "held", job[QUEUE]) end
  credit_worker(id, job, counter, now)
  -- A reaped run's token is void, also for a settlement that comes late.
  if reaped then job[NONCE] = false end
end

local function end_run(id, job, status, result, now, reaped)
  leave_run(id, job, status == "finished" and "succeeded" or "failed", now, reaped)
  end_job(id, job, status, result, now)
end

-- `delay_ms` false hands the job back as if it had not been claimed: no attempt is spent, and it has waited since it
-- was first enqueued. Otherwise it has a stay of its own, with the whole TTL from the moment it may start.
local function requeue_run(id, job, delay_ms, now, reaped)
  leave_run(id, job, false, now, reaped)
  job[STATUS], job[STARTED_AT], job[RUN_AT] = "queued", false, false
  if delay_ms then
    if delay_ms > 0 then job[RUN_AT] = now + delay_ms end
    job[ENQUEUED_AT] = now
    job[EXPIRES_AT] = job[TTL_MS] and now + delay_ms + job[TTL_MS]
  else
    job[ATTEMPTS] = job[ATTEMPTS] - 1
  end
  changed[id] = true
  enter_queue(id, job)
  hint_status(id, "queued")
  hint_queued(job[QUEUE], delay_ms or 0)
end

local function write_runs()
  for from = 1, #ended_runs, 1000 do
    redis.call("HDEL", p .. "runs", unpack(ended_runs, from, math.min(from + 999, #ended_runs)))
  end
  write_all()
end
