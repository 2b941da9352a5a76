-- Input:  now; op ("" for none: a part of a batch that may be sent again long after, see batches in enqueue.ts);
--         calls as msgpack: for each call a list of jobs [id, record, def, number of the sealed operation,
--         fingerprint | false], the record without what only the store knows; then the sealed operations
-- Output: for each call "stored", "duplicate" or "mismatch", then id, record, def for each job it answers with
-- Why:    calls that come together share one script. Each is all or none: nothing is written before all is checked
local p = KEYS[1]
--- @include now
--- @include operation
--- @include keys
--- @include queue
--- @include seq

local now, op = now_ms(ARGV[1]), ARGV[2]
local calls = cmsgpack.unpack(ARGV[3])
local answer = {}
local fresh = { keys = {}, lanes = {}, by_lane = {}, keyed = {} }
local defs = {}
-- In how long the first of each queue's new jobs may start, ms.
local soonest = {}

local function stored_under(key)
  local entries = fresh.keyed[key]
  if not entries then return ids_of_key(key) end
  -- By an earlier call of this very script: not written yet.
  return entries, entries[1][3]
end

-- What an earlier call stored under one of these keys; nothing when this call is the first, or its own repeat.
local function seen_before(call)
  local mine = {}
  for _, job in ipairs(call) do mine[job[1]] = true end
  for _, job in ipairs(call) do
    local key = job[2][IDEMPOTENCY]
    if key and job[5] then
      local ids, fingerprint = stored_under(key)
      if #ids > 0 and not any_of(ids, mine) then
        return fingerprint == job[5] and "duplicate" or "mismatch", ids
      end
    end
  end
end

local function give(list, id)
  list[#list + 1] = id
  list[#list + 1] = cmsgpack.pack(jobs[id])
  list[#list + 1] = defs[id] or redis.call("GET", p .. "def:" .. id)
end

-- Jobs of one lane come in the order of seq, so they enter it together.
local function wait_in_lane(id, job)
  local key = ready_key(job[QUEUE], job[PRIORITY], job[LANE])
  local group = fresh.by_lane[key]
  if not group then
    group = { job[QUEUE], job[PRIORITY], job[LANE], {} }
    fresh.by_lane[key] = group
    fresh.lanes[#fresh.lanes + 1] = group
  end
  local list = group[4]
  list[#list + 1] = job[SEQ]
  list[#list + 1] = id
end

local function wait_in_queue(id, job)
  local queue = job[QUEUE]
  touched[queue] = true
  zadd_later("status:queued", job[SEQ], id)
  zadd_later("waiting:" .. queue, now, id)
  if job[EXPIRES_AT] then zadd_later("expires", job[EXPIRES_AT], id) end
  if job[RUN_AT] then
    zadd_later("delayed:" .. queue, job[RUN_AT], id)
  else
    wait_in_lane(id, job)
  end
  local wait = job[RUN_AT] and job[RUN_AT] - now or 0
  soonest[queue] = math.min(soonest[queue] or wait, wait)
end

local function index(id, job)
  local seq = job[SEQ]
  zadd_later("queue:" .. job[QUEUE], seq, id)
  zadd_later("host:" .. job[HOST], seq, id)
  zadd_later("driver:" .. job[DRIVER], seq, id)
  if job[BATCH] then zadd_later("batch:" .. job[BATCH], seq, id) end
end

local function note_key(id, job, fingerprint)
  local key = job[IDEMPOTENCY]
  if not key or not fingerprint then return end
  fresh.keyed[key] = fresh.keyed[key] or {}
  table.insert(fresh.keyed[key], { id, job[SEQ], fingerprint })
end

local function fill_in(job)
  last_seq = last_seq + STEP
  job[SEQ], job[STATUS], job[ENQUEUED_AT] = last_seq, "queued", now
  local starts_at = math.max(now, job[RUN_AT] or now)
  job[RUN_AT] = starts_at > now and starts_at
  job[EXPIRES_AT] = job[TTL_MS] and starts_at + job[TTL_MS]
end

local function store(entry)
  local id, job, def, sealed = entry[1], entry[2], entry[3], ARGV[3 + entry[4]]
  if jobs[id] then return end
  fill_in(job)
  jobs[id], changed[id], defs[id] = job, true, def
  fresh.keys[#fresh.keys + 1] = p .. "def:" .. id
  fresh.keys[#fresh.keys + 1] = def
  fresh.keys[#fresh.keys + 1] = p .. "sealed:" .. id
  fresh.keys[#fresh.keys + 1] = sealed
  note_created(job[SEQ], job[CREATED_AT])
  wait_in_queue(id, job)
  index(id, job)
  note_key(id, job, entry[5])
end

local function write_fresh()
  for from = 1, #fresh.keys, 1000 do
    redis.call("MSET", unpack(fresh.keys, from, math.min(from + 999, #fresh.keys)))
  end
  for _, lane in ipairs(fresh.lanes) do enter_lane(lane[1], lane[2], lane[3], lane[4]) end
  for key, entries in pairs(fresh.keyed) do
    local fields = { "", entries[1][3] }
    for _, entry in ipairs(entries) do
      fields[#fields + 1] = entry[1]
      fields[#fields + 1] = string.format("%.0f", entry[2])
    end
    for from = 1, #fields, 1000 do
      redis.call("HSET", p .. "idem:" .. key, unpack(fields, from, math.min(from + 999, #fields)))
    end
  end
end

local function take(call)
  local outcome, before = seen_before(call)
  local reply = { outcome or "stored" }
  if outcome == "mismatch" then return reply end
  if outcome == "duplicate" then
    for _, entry in ipairs(before) do
      if job_of(entry[1]) then give(reply, entry[1]) end
    end
    return reply
  end
  for _, entry in ipairs(call) do store(entry) end
  for _, entry in ipairs(call) do give(reply, entry[1]) end
  return reply
end

local repeated = op ~= "" and recall(op)
local ids = {}
for _, call in ipairs(calls) do
  for _, entry in ipairs(call) do ids[#ids + 1] = entry[1] end
end
load_jobs(ids)
if repeated then
  for _, call in ipairs(calls) do
    local reply = { "stored" }
    for _, entry in ipairs(call) do
      if jobs[entry[1]] then give(reply, entry[1]) end
    end
    answer[#answer + 1] = reply
  end
  return answer
end
last_seq = first_free_seq() - STEP
for _, call in ipairs(calls) do answer[#answer + 1] = take(call) end
store_clock()
write_fresh()
write_all()
if op ~= "" then remember(op, true) end
for queue, wait in pairs(soonest) do hint_queued(queue, wait) end
publish()
return answer
