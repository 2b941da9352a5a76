-- Input:  specs ["job", id]
-- Told:   idempotency key, id for each job that has one
-- Why:    each job is where it should be; that nothing else is there, the other side tells: entries.lua, runs.lua …
local p = KEYS[1]
--- @include examine
--- @include lanes

-- What must be in which set is looked up at the end, for many jobs of the same set at once. That its score is right,
-- entries.lua tells.
local expected = {}
local function expect_member(rule, key, id, member)
  local list = expected[key]
  if not list then
    list = { rule = rule, ids = {}, members = {} }
    expected[key] = list
  end
  list.ids[#list.ids + 1] = id
  list.members[#list.members + 1] = member
end

local function check_expected()
  for key, list in pairs(expected) do
    local scores = redis.pcall("ZMSCORE", p .. key, unpack(list.members))
    if scores.err then name("readable", key, "cannot be looked at: " .. scores.err) end
    for n, id in ipairs(scores.err and {} or list.ids) do
      if not scores[n] then name(list.rule, id, "missing in " .. key) end
    end
  end
end

local clock = unpacked(redis.call("GET", p .. "clock"))
local last_seq, last_ordinal = clock and clock[1] or 0, clock and clock[2] or -1

local function check_mark(rule, id, ordinal, index)
  local key = marks_key(block_of(ordinal), index)
  local marked = redis.pcall("GETBIT", key, ordinal % BLOCK)
  if type(marked) == "table" then return name("readable", string.sub(key, #p + 1), "cannot be looked at: " .. marked.err) end
  if marked == 0 then name(rule, id, "missing in " .. string.sub(key, #p + 1)) end
end

local function check_indexes(id, job)
  check_mark("status", id, job[ORDINAL], "status:" .. job[STATUS])
  for _, index in ipairs(indexes_of(job)) do check_mark("index", id, job[ORDINAL], index) end
  for _, index in ipairs(rare_indexes_of(job)) do check_mark("index", id, job[ORDINAL], index) end
end

local function check_ordinal(id, job)
  local ordinal = job[ORDINAL]
  local there = redis.pcall("LRANGE", p .. "ids:" .. text_of(block_of(ordinal)), 2 * (ordinal % BLOCK), 2 * (ordinal % BLOCK) + 1)
  if there.err or there[1] ~= id or tonumber(there[2]) ~= job[SEQ] then
    name("ordinal", id, "at " .. text_of(ordinal) .. " stands " .. shown(there[1]))
  end
end

-- Many jobs are of one block.
local bounds = {}
local function bounds_of(block)
  if not bounds[block] then
    bounds[block] = { redis.call("ZSCORE", p .. "spans:min", block), redis.call("ZSCORE", p .. "spans:max", block) }
  end
  return tonumber(bounds[block][1] or nil), tonumber(bounds[block][2] or nil)
end

local function check_place(id, job)
  local seq, created_at = job[SEQ], job[CREATED_AT]
  if seq > last_seq then name("clock", id, "seq " .. shown(seq) .. ", the clock's is " .. shown(last_seq)) end
  if job[ORDINAL] > last_ordinal then
    name("clock", id, "ordinal " .. shown(job[ORDINAL]) .. ", the clock's is " .. shown(last_ordinal))
  end
  check_ordinal(id, job)
  local oldest, newest = bounds_of(member_of(block_of(job[ORDINAL])))
  if not oldest or not newest then return name("span", id, "created " .. shown(created_at) .. ", span missing") end
  if created_at < oldest or created_at > newest then
    name("span", id, "created " .. shown(created_at) .. ", span " .. shown(oldest) .. " to " .. shown(newest))
  end
end

local function check_waiting(id, job)
  local queue = job[QUEUE]
  expect_member("waiting", "waiting:" .. queue, id, text_of(job[ORDINAL]))
  if job[EXPIRES_AT] then expect_member("expires", "expires", id, text_of(job[ORDINAL])) end
  if job[RUN_AT] then return expect_member("delayed", "delayed:" .. queue, id, id) end
  -- Without a lane a claim has seen it expire.
  if job[EXPIRES_AT] or redis.call("ZSCORE", ready_key(queue, job[PRIORITY], job[LANE]), id) then return end
  name("waits", id, "it would wait for ever in " .. queue)
end

local function check_run(id, job)
  local run = unpacked(redis.call("HGET", p .. "runs", id))
  if not run then return name("run", id, "started, without a run") end
  local same = run[R_RUN] == job[RUN] and run[R_NONCE] == job[NONCE] and run[R_NODE] == job[NODE]
    and run[R_WORKER] == job[WORKER]
  if not same then name("run", id, "its run is another than its record's") end
end

local function check_held(id, job)
  local queue = job[QUEUE]
  local held = string.sub(queue, 1, 7) == "pinned_" and redis.call("HGET", p .. "held", queue)
  if held == id or string.sub(queue, 1, 7) ~= "pinned_" then return end
  local other = held and read_job(held)
  if is_started(other) and other[QUEUE] == queue then
    return name("pinned_once", queue, "started: " .. held .. " " .. id)
  end
  name("held", queue, "held by " .. shown(held) .. ", started: " .. id)
end

-- A worker that is gone leaves its job to the reaper.
local function check_orphan(id, job)
  local started, count = redis.call("HKEYS", p .. "runs"), 0
  read_jobs(started)
  for _, other in ipairs(started) do
    if is_started(jobs[other]) and jobs[other][WORKER] == job[WORKER] then count = count + 1 end
  end
  if count > 1 then name("worker_once", job[WORKER], "started: " .. id .. " and others") end
end

local function check_worker(id, job)
  local worker = job[WORKER]
  local queue, node, busy = unpack(redis.call("HMGET", p .. "w:" .. worker, "queue", "node", "job"))
  if not node then return check_orphan(id, job) end
  if queue ~= job[QUEUE] or node ~= job[NODE] then
    name("its_worker", id, string.format(
      "queue %s on %s, worker %s of %s on %s", job[QUEUE], shown(job[NODE]), worker, shown(queue), node
    ))
  end
  if busy == id then return end
  if busy == "" then busy = false end
  local other = busy and read_job(busy)
  if is_started(other) and other[WORKER] == worker then
    return name("worker_once", worker, "started: " .. busy .. " " .. id)
  end
  name("busy", worker, "has " .. shown(busy) .. ", started: " .. id)
end

local function check_started(id, job)
  if not (job[NONCE] and job[NODE] and job[WORKER] and job[STARTED_AT]) then
    name("token", id, "node " .. shown(job[NODE]) .. ", worker " .. shown(job[WORKER]))
  end
  check_run(id, job)
  check_held(id, job)
  if job[WORKER] then check_worker(id, job) end
end

local function check_record(id, job)
  local status, ended = job[STATUS], is_final(job)
  if ended ~= (job[ENDED_AT] ~= false) then
    name("ended", id, status .. ", ended_at " .. shown(job[ENDED_AT]))
  end
  local has_result = status == "finished" or status == "failed"
  if has_result ~= (job[RESULT] ~= false) then name("result", id, status) end
  if job[RESULT] and not is_json(job[RESULT]) then name("json", id, "result") end
  if (status == "finished" and not job[STARTED_AT]) or (status == "queued" and job[STARTED_AT]) then
    name("begun", id, status .. ", started_at " .. shown(job[STARTED_AT]))
  end
  local attempts, run = job[ATTEMPTS], job[RUN]
  if attempts < 0 or attempts > run or (status == "started" and attempts == 0) then
    name("attempts", id, shown(attempts) .. " attempts, " .. shown(run) .. " runs")
  end
end

-- Sealed operations that have keys of their own.
local apart = {}
local function check_apart()
  for _, id in ipairs(missing_of("sealed:", apart)) do name("sealed", id, jobs[id][STATUS] .. ", it has none") end
end

local function check_kept(id, job)
  if not is_json(job[DEF]) then name("json", id, "its definition") end
  local behind = job[BEHIND]
  if not is_final(job) then
    if behind == 0 then apart[#apart + 1] = id end
    return
  end
  if behind > 0 then name("sealed", id, job[STATUS] .. ", " .. shown(behind) .. " bytes behind it") end
  expect_member("ended", "keep", id, text_of(job[ORDINAL]))
end

local function look(spec)
  local id = spec[2]
  local job = jobs[id]
  if unreadable[id] then return name("readable", id, "what is stored is no job") end
  if not job then return end
  check_record(id, job)
  check_indexes(id, job)
  check_place(id, job)
  check_kept(id, job)
  if job[STATUS] == "queued" then check_waiting(id, job) end
  if job[STATUS] == "started" then check_started(id, job) end
  if job[IDEMPOTENCY] then
    told[#told + 1] = job[IDEMPOTENCY]
    told[#told + 1] = id
  end
end

local ids = {}
for n, spec in ipairs(specs) do ids[n] = spec[2] end
read_jobs(ids)
local answer = examine({ job = { at = look, cost = 4 } })
check_expected()
check_apart()
return answer
