-- Input:  now; op ("" for none: a part of a batch that may be sent again long after, see batches.ts); calls as
--         msgpack: for each call a list of jobs, see below; then by turns the rest of a job's record as msgpack, and
--         its sealed operation
-- Output: the moment it goes by; then for each call "stored", "duplicate" or "mismatch" and its jobs: the seq of one that
--         is new, [id, record, def] of one that was there
-- Why:    calls that come together share one script. Each is all or none: nothing is written before all is checked.
--         The client packs the records, but for what only the store knows: that is half the work
local p = KEYS[1]
--- @include now
--- @include operation
--- @include keys
--- @include queue
--- @include seq

-- What is told of each job, beside its record: the number of the rest of its record is the last.
local N_ID, N_QUEUE, N_HOST, N_DRIVER, N_BATCH, N_PRIORITY, N_LANE, N_RUN_AT, N_TTL_MS, N_CREATED_AT, N_KEY,
  N_FINGERPRINT, N_DEF, N_REST = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
-- msgpack's head of an array of 24.
local HEAD = "\220\0\24"

local now, op = now_ms(ARGV[1]), ARGV[2]
local now_text = string.format("%.0f", now)
local calls = cmsgpack.unpack(ARGV[3])
-- By id the seq, as text, of jobs that this script stores; what it sets, and fields of hashes and members of lanes.
local fresh, sets, keyed, lanes, by_lane = {}, {}, {}, {}, {}
-- In how long the first of each queue's new jobs may start, ms.
local soonest = {}

local function stored_under(key)
  local entries = keyed[key]
  if not entries then return ids_of_key(key) end
  -- By an earlier call of this very script: not written yet.
  return entries, entries[1][3]
end

-- What an earlier call stored under one of these keys; nothing when this call is the first, or its own repeat.
local function seen_before(call)
  local mine = {}
  for _, job in ipairs(call) do mine[job[N_ID]] = true end
  for _, job in ipairs(call) do
    if job[N_KEY] then
      local ids, fingerprint = stored_under(job[N_KEY])
      if #ids > 0 and not any_of(ids, mine) then
        return fingerprint == job[N_FINGERPRINT] and "duplicate" or "mismatch", ids
      end
    end
  end
end

local function whole(id)
  local kept = redis.call("MGET", p .. "job:" .. id, p .. "def:" .. id)
  return { id, kept[1] or sets[p .. "job:" .. id], kept[2] or sets[p .. "def:" .. id] }
end

local function index(id, job, seq)
  zadd_later("status:queued", seq, id)
  zadd_later("queue:" .. job[N_QUEUE], seq, id)
  zadd_later("host:" .. job[N_HOST], seq, id)
  zadd_later("driver:" .. job[N_DRIVER], seq, id)
  if job[N_BATCH] then zadd_later("batch:" .. job[N_BATCH], seq, id) end
end

-- Jobs of one lane come in the order of seq, so they enter it together.
local function wait_in_lane(id, job, seq)
  local queue, priority, lane = job[N_QUEUE], job[N_PRIORITY], job[N_LANE]
  local key = ready_key(queue, priority, lane)
  local list = by_lane[key]
  if not list then
    list = {}
    by_lane[key] = list
    lanes[#lanes + 1] = { queue, priority, lane, list }
  end
  list[#list + 1] = seq
  list[#list + 1] = id
end

local function wait_in_queue(id, job, seq, run_at, expires_at)
  local queue = job[N_QUEUE]
  touched[queue] = true
  zadd_later("waiting:" .. queue, now_text, id)
  if expires_at then zadd_later("expires", expires_at, id) end
  local wait = run_at and run_at - now or 0
  if run_at then zadd_later("delayed:" .. queue, run_at, id) else wait_in_lane(id, job, seq) end
  soonest[queue] = math.min(soonest[queue] or wait, wait)
end

local function note_key(id, job)
  local key = job[N_KEY]
  if not key then return end
  keyed[key] = keyed[key] or {}
  table.insert(keyed[key], { id, last_seq, job[N_FINGERPRINT] })
end

local function store(job)
  local id = job[N_ID]
  last_seq = last_seq + STEP
  local seq = score_of(last_seq)
  local starts_at = math.max(now, job[N_RUN_AT] or now)
  local run_at = starts_at > now and starts_at
  local expires_at = job[N_TTL_MS] and starts_at + job[N_TTL_MS]
  fresh[id] = seq
  sets[p .. "job:" .. id] = HEAD .. cmsgpack.pack(last_seq, now, run_at, expires_at) .. ARGV[3 + job[N_REST]]
  sets[p .. "def:" .. id] = job[N_DEF]
  sets[p .. "sealed:" .. id] = ARGV[4 + job[N_REST]]
  note_created(last_seq, job[N_CREATED_AT])
  index(id, job, seq)
  wait_in_queue(id, job, seq, run_at, expires_at)
  note_key(id, job)
end

local function write_sets()
  local fields = {}
  for key, value in pairs(sets) do
    fields[#fields + 1] = key
    fields[#fields + 1] = value
    if #fields >= 1000 then
      redis.call("MSET", unpack(fields))
      fields = {}
    end
  end
  if #fields > 0 then redis.call("MSET", unpack(fields)) end
end

local function write_keys()
  for key, entries in pairs(keyed) do
    local fields = { "", entries[1][3] }
    for _, entry in ipairs(entries) do
      fields[#fields + 1] = entry[1]
      fields[#fields + 1] = score_of(entry[2])
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
  for _, entry in ipairs(before or {}) do
    if fresh[entry[1]] or job_of(entry[1]) then reply[#reply + 1] = whole(entry[1]) end
  end
  if outcome then return reply end
  for _, job in ipairs(call) do
    local id = job[N_ID]
    local repeated = fresh[id] or jobs[id]
    if not repeated then store(job) end
    reply[#reply + 1] = repeated and whole(id) or fresh[id]
  end
  return reply
end

-- Those that are there; a part of a batch is stored once, whatever has become of its jobs.
local function again(call)
  local reply = { "stored" }
  for _, job in ipairs(call) do
    if jobs[job[N_ID]] then reply[#reply + 1] = whole(job[N_ID]) end
  end
  return reply
end

local ids, answer = {}, { now }
for _, call in ipairs(calls) do
  for _, job in ipairs(call) do ids[#ids + 1] = job[N_ID] end
end
load_jobs(ids)
if op ~= "" and recall(op) then
  for _, call in ipairs(calls) do answer[#answer + 1] = again(call) end
  return answer
end
last_seq = first_free_seq(now) - STEP
for _, call in ipairs(calls) do answer[#answer + 1] = take(call) end
store_clock()
write_sets()
for _, lane in ipairs(lanes) do enter_lane(lane[1], lane[2], lane[3], lane[4]) end
write_keys()
write_all()
if op ~= "" then remember(op, true) end
for queue, wait in pairs(soonest) do hint_queued(queue, wait) end
publish()
return answer
