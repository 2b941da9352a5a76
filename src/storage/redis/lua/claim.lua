-- Input:  now; op; node; incarnation; result of a job whose operation is lost; requests as msgpack: [worker, queue,
--         nonce] each
-- Output: claims as a list of [number of the request, id, record, def, sealed]; numbers of the requests that met so
--         many expired jobs that they must ask again
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
  return w[1] == queue and w[2] == node and w[3] == incarnation and not w[4] and w[5] ~= "1" and w[6] ~= "1" and not w[7]
end

local function wake_delayed(queue)
  local due = redis.call("ZRANGEBYSCORE", p .. "delayed:" .. queue, "-inf", now, "LIMIT", 0, 100)
  if #due == 0 then return end
  load_jobs(due)
  redis.call("ZREM", p .. "delayed:" .. queue, unpack(due))
  for _, id in ipairs(due) do
    local job = jobs[id]
    job[RUN_AT], changed[id] = false, true
    enter_lane(queue, job[PRIORITY], job[LANE], { job[SEQ], id })
  end
end

-- Takes the next job out of its lane; served says that this was the lane's turn.
local function pop(queue)
  local priority = redis.call("ZRANGE", p .. "levels:" .. queue, 0, 0)[1]
  if not priority then return nil end
  local lanes = p .. "lanes:" .. level_of(queue, priority)
  local member = redis.call("ZRANGE", lanes, 0, 0)[1]
  local lane = string.sub(member, 17)
  local key = ready_key(queue, priority, lane)
  local id = redis.call("ZPOPMIN", key)[1]
  local function served()
    local tick = redis.call("HINCRBY", p .. "ticks:" .. queue, priority, 1)
    if redis.call("EXISTS", key) == 0 then return close_lane(queue, priority, lane) end
    redis.call("ZADD", lanes, 2 * tick, member)
  end
  local function passed_over()
    if redis.call("EXISTS", key) == 0 then close_lane(queue, priority, lane) end
  end
  return id, served, passed_over
end

local function expired(job)
  return job[EXPIRES_AT] and job[EXPIRES_AT] <= now
end

-- What it would run is not there (evicted, or erased by hand): it must not keep its queue from going on.
local function end_broken(id, job)
  leave_queue(id, job)
  end_job(id, job, "failed", lost, now)
end

local function next_job(queue)
  while true do
    local id, served, passed_over = pop(queue)
    if not id then return nil end
    local job = job_of(id)
    local sealed = job and redis.call("MGET", p .. "sealed:" .. id, p .. "def:" .. id)
    if job and not expired(job) and sealed[1] and sealed[2] then
      served()
      return id, job, sealed
    end
    passed_over()
    if job and not expired(job) then end_broken(id, job) end
    obstacles = obstacles + 1
    if obstacles >= OBSTACLES then return "blocked" end
  end
end

local function start(id, job, worker, nonce)
  leave_queue(id, job)
  if job[NODE] and job[NODE] ~= node then zrem_later("node:" .. job[NODE], id) end
  if job[WORKER] and job[WORKER] ~= worker then zrem_later("worker:" .. job[WORKER], id) end
  job[STATUS], job[STARTED_AT], job[NODE], job[WORKER] = "started", now, node, worker
  job[RUN], job[NONCE], job[ATTEMPTS] = job[RUN] + 1, nonce, job[ATTEMPTS] + 1
  changed[id] = true
  zadd_later("status:started", job[SEQ], id)
  zadd_later("node:" .. node, job[SEQ], id)
  zadd_later("worker:" .. worker, job[SEQ], id)
  runs[#runs + 1] = id
  runs[#runs + 1] = cmsgpack.pack({ job[RUN], nonce, node, worker, 1, 0 })
  redis.call("HSET", p .. "w:" .. worker, "job", id)
  if string.sub(job[QUEUE], 1, 7) == "pinned_" then redis.call("HSET", p .. "held", job[QUEUE], id) end
  if job[RUN] > 1 then del_later("log:" .. id) end
  hint("job", id, "started")
end

local function serial_and_busy(queue)
  return string.sub(queue, 1, 7) == "pinned_" and redis.call("HEXISTS", p .. "held", queue) == 1
end

local looked = {}
local function serve(n, request)
  local worker, queue, nonce = request[1], request[2], request[3]
  if not may_work(worker, queue) or serial_and_busy(queue) then return end
  if not looked[queue] then
    looked[queue] = true
    wake_delayed(queue)
  end
  local id, job, sealed = next_job(queue)
  if id == "blocked" then
    blocked[#blocked + 1] = n
  elseif id then
    start(id, job, worker, nonce)
    picked[#picked + 1] = { n, id, sealed[2], sealed[1] }
  end
end

local function answer_with(list)
  local claims = {}
  for _, claim in ipairs(list) do
    claims[#claims + 1] = { claim[1], claim[2], cmsgpack.pack(jobs[claim[2]]), claim[3], claim[4] }
  end
  return { claims, blocked }
end

-- The first answer again, without the runs that have ended meanwhile: nobody may start those any more.
local function again(before)
  local list = {}
  for _, claim in ipairs(before[1]) do
    local run = run_of(claim[2])
    if run and run[R_NONCE] == claim[3] then
      local job = job_of(claim[2])
      local kept = redis.call("MGET", p .. "def:" .. claim[2], p .. "sealed:" .. claim[2])
      if job and kept[1] and kept[2] then list[#list + 1] = { claim[1], claim[2], kept[1], kept[2] } end
    end
  end
  blocked = before[2]
  return answer_with(list)
end

local before = recall(op)
if before then return again(before) end
if redis.call("HGET", p .. "incarnation", node) == incarnation then
  for n, request in ipairs(requests) do serve(n, request) end
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
