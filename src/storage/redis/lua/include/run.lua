--- @include end
-- How a run ends, or goes back to the queue. Shared by settle, reap and claim, which differ in who may ask.
local ended_runs = {}

local function is_pinned(queue)
  return string.sub(queue, 1, 7) == "pinned_"
end

local function credit_worker(id, job, counter, now)
  local key = p .. "w:" .. job[WORKER]
  local w = redis.call("HMGET", key, "job", "busy_ms", counter)
  -- It may be another of the same name by now, which runs another job.
  if w[1] ~= id then return end
  local busy_ms = w[2] + math.max(0, now - job[STARTED_AT])
  redis.call("HSET", key, "job", "", "busy_ms", text_of(busy_ms), counter, text_of((w[3] or 0) + 1))
end

local function leave_run(id, job, counter, now, reaped)
  unmark_status("started", job[ORDINAL])
  ended_runs[#ended_runs + 1] = id
  if is_pinned(job[QUEUE]) then redis.call("HDEL", p .. "held", job[QUEUE]) end
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
  leave_run(id, job, "handed_back", now, reaped)
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
