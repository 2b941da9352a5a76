-- Input:  now; op; node; incarnation; result of a job whose operation is lost; requests as msgpack: [worker, queue,
--         nonce] each
-- Output: claims as a list of [number of the request, id, record, sealed operation that does not stand behind it];
--         numbers of the requests that met so many expired jobs that they must ask again
-- Why:    queued -> started, for many workers and queues in one atom. Jobs are picked one by one, in the order of
--         requests; what follows from it is written together
local p = KEYS[1]
--- @include now
--- @include operation
--- @include run

local now, op, node, incarnation, lost = now_ms(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local requests = cmsgpack.unpack(ARGV[6])
-- Expired and broken jobs taken out of the way in one call: keeps it short.
local OBSTACLES = 500
local obstacles = 0
local picked, blocked, runs = {}, {}, {}

local function may_work(worker, queue)
  local w = redis.call("HMGET", p .. "w:" .. worker, "queue", "node", "incarnation", "died_at", "stop", "suspended", "job")
  return w[1] == queue and w[2] == node and w[3] == incarnation and not w[4] and w[5] ~= "1" and w[6] ~= "1"
    and (w[7] or "") == ""
end

local function wake_delayed(queue)
  local due = redis.call("ZRANGEBYSCORE", p .. "delayed:" .. queue, "-inf", now, "LIMIT", 0, 100)
  if #due == 0 then return end
  load_jobs(due)
  redis.call("ZREM", p .. "delayed:" .. queue, unpack(due))
  for _, id in ipairs(due) do
    local job = jobs[id]
    -- Erased by hand: it must not keep the others from starting.
    if job then
      job[RUN_AT], changed[id] = false, true
      enter_lane(queue, job[PRIORITY], job[LANE], { job[SEQ], id })
    end
  end
end

local function may_start(id)
  local job = job_of(id)
  return job and not (job[EXPIRES_AT] and job[EXPIRES_AT] <= now)
end

-- The lane has had so many turns; it goes when it has no more jobs.
local function pass_turn(queue, priority, member, turns)
  local lane = string.sub(member, 17)
  local tick = turns > 0 and redis.call("HINCRBY", p .. "ticks:" .. queue, priority, turns)
  if redis.call("EXISTS", ready_key(queue, priority, lane)) == 0 then return close_lane(queue, priority, lane) end
  if tick then redis.call("ZADD", p .. "lanes:" .. level_of(queue, priority), 2 * tick, member) end
end

-- Takes the next jobs out of their lane: many where there is but one lane, else the one whose turn it is.
local function pop(queue, count)
  local priority = redis.call("ZRANGE", p .. "levels:" .. queue, 0, 0)[1]
  if not priority then return {} end
  local members = redis.call("ZRANGE", p .. "lanes:" .. level_of(queue, priority), 0, 1)
  local key = ready_key(queue, priority, string.sub(members[1], 17))
  local popped, ids, turns = redis.call("ZPOPMIN", key, #members == 1 and count or 1), {}, 0
  for n = 1, #popped, 2 do ids[#ids + 1] = popped[n] end
  load_jobs(ids)
  for _, id in ipairs(ids) do
    if may_start(id) then turns = turns + 1 end
  end
  pass_turn(queue, priority, members[1], turns)
  return ids
end

-- What it would run is not there (evicted, or erased by hand): it must not keep its queue from going on.
local function end_broken(id, job)
  leave_queue(job)
  end_job(id, job, "failed", lost, now)
end

-- The job's sealed operation: "" where it stands behind the job, false when it is lost.
local function operation_of(id)
  return jobs[id] and (jobs[id][BEHIND] > 0 and "" or redis.call("GET", p .. "sealed:" .. id))
end

local function start(id, job, worker, nonce)
  leave_queue(job)
  if job[NODE] and job[NODE] ~= node then erase_mark("node:" .. job[NODE], job[ORDINAL]) end
  if job[WORKER] and job[WORKER] ~= worker then erase_mark("worker:" .. job[WORKER], job[ORDINAL]) end
  job[STATUS], job[STARTED_AT], job[NODE], job[WORKER] = "started", now, node, worker
  job[RUN], job[NONCE], job[ATTEMPTS] = job[RUN] + 1, nonce, job[ATTEMPTS] + 1
  changed[id] = true
  mark_status("started", job[ORDINAL])
  mark("node:" .. node, job[ORDINAL])
  mark("worker:" .. worker, job[ORDINAL])
  runs[#runs + 1] = id
  runs[#runs + 1] = cmsgpack.pack({ job[RUN], nonce, node, worker, 1, 0 })
  redis.call("HSET", p .. "w:" .. worker, "job", id)
  if job[RUN] > 1 then del_later("log:" .. id) end
  hint_status(id, "started")
end

-- Gives the queue's next jobs to the requests that wait for them, in their order.
local function serve(queue, waiting)
  local served = 0
  wake_delayed(queue)
  while served < #waiting do
    if obstacles >= OBSTACLES then
      for n = served + 1, #waiting do blocked[#blocked + 1] = waiting[n] end
      return
    end
    local ids = pop(queue, #waiting - served)
    if #ids == 0 then return end
    for _, id in ipairs(ids) do
      local sealed = operation_of(id)
      if may_start(id) and sealed then
        served = served + 1
        local number = waiting[served]
        start(id, jobs[id], requests[number][1], requests[number][3])
        picked[#picked + 1] = { number, id, sealed }
      else
        obstacles = obstacles + 1
        if may_start(id) then end_broken(id, jobs[id]) end
      end
    end
  end
end

-- By queue, in the order of requests: the numbers of those that may be given a job. A worker runs one at a time, and
-- of a pinned queue one at a time is started. What falls due while one is, joins its lane all the same: before what
-- comes later.
local function admit()
  local queues, by_queue, taken = {}, {}, {}
  for n, request in ipairs(requests) do
    local worker, queue = request[1], request[2]
    local waiting = by_queue[queue] or {}
    local held = is_pinned(queue) and redis.call("HEXISTS", p .. "held", queue) == 1
    local serial = held or is_pinned(queue) and #waiting > 0
    if not taken[worker] and may_work(worker, queue) then
      if held then wake_delayed(queue) end
      if not serial then
        taken[worker] = true
        waiting[#waiting + 1] = n
        if not by_queue[queue] then queues[#queues + 1] = queue end
        by_queue[queue] = waiting
      end
    end
  end
  return queues, by_queue
end

local function hold(claims)
  for _, claim in ipairs(claims) do
    local queue = jobs[claim[2]][QUEUE]
    if is_pinned(queue) then redis.call("HSET", p .. "held", queue, claim[2]) end
  end
end

local function answer_with(list)
  local claims = {}
  for _, claim in ipairs(list) do
    local id = claim[2]
    claims[#claims + 1] = { claim[1], id, stored[id] or packed_job(jobs[id]), claim[3] }
  end
  return { claims, blocked }
end

-- The first answer again, without the runs that have ended meanwhile: nobody may start those any more.
local function again(before)
  local list = {}
  for _, claim in ipairs(before[1]) do
    local run = run_of(claim[2])
    if run and run[R_NONCE] == claim[3] then
      local sealed = job_of(claim[2]) and operation_of(claim[2])
      if sealed then list[#list + 1] = { claim[1], claim[2], sealed } end
    end
  end
  blocked = before[2]
  return answer_with(list)
end

local before = recall(op)
if before then return again(before) end
if redis.call("HGET", p .. "incarnation", node) == incarnation then
  local queues, by_queue = admit()
  for _, queue in ipairs(queues) do serve(queue, by_queue[queue]) end
  hold(picked)
end
-- Idle workers ask often, and a repeat of what got nothing may as well get something: that is remembered just long
-- enough for a call that was held up on its way, whose answer nobody hears any more, to find it.
if #picked == 0 and #blocked == 0 and next(changed) == nil and next(touched) == nil then
  remember(op, { {}, {} }, 60000)
  return { {}, {} }
end
for from = 1, #runs, 1000 do
  redis.call("HSET", p .. "runs", unpack(runs, from, math.min(from + 999, #runs)))
end
local kept = {}
for _, claim in ipairs(picked) do kept[#kept + 1] = { claim[1], claim[2], jobs[claim[2]][NONCE] } end
remember(op, { kept, blocked })
write_runs()
publish()
return answer_with(picked)
