-- Input:  now; op ("" for none: a part of a batch that may be sent again long after, see batches.ts); jobs as msgpack,
--         see below; then for each job the rest of its record as msgpack with its sealed operation behind it; then sealed
--         operations that are too large to stand there; then sealed webhooks
-- Output: the moment it goes by; then for each call "stored", "duplicate" or "mismatch" and its jobs: the seq of one that
--         is new, [id, record] of one that was there
-- Why:    calls that come together share one script. Each is all or none: nothing is written before all is checked.
--         The client packs the records, but for what only the store knows, and tells what neighbours share once: what
--         is done for each job here is most of what a job costs
local p = KEYS[1]
--- @include now
--- @include operation
--- @include keys
--- @include queue
--- @include deliveries
--- @include seq

-- `calls`: how many jobs each has. `groups`: neighbours that are alike. `apart`: numbers of jobs that have a sealed
-- operation of their own at the end, in that order. `keyed`: [key, fingerprint] by a job's number, as text. `hooked`:
-- [number, target, time-out ms] of jobs that have a webhook at the end, in that order.
local calls, groups, ids, created, apart, keyed, hooked = unpack(cmsgpack.unpack(ARGV[3]))
local G_COUNT, G_QUEUE, G_HOST, G_DRIVER, G_BATCH, G_PRIORITY, G_LANE, G_RUN_AT, G_TTL_MS = 1, 2, 3, 4, 5, 6, 7, 8, 9
local FIRST_REST = 3
-- msgpack's head of an array of 18.
local HEAD = "\220\0\18"

local now, op = now_ms(ARGV[1]), ARGV[2]
-- Of each job its key. By its number: the seq, as text, of one that this script stores; the one before with its id.
local keys, seqs, doubles = {}, {}, {}
-- By idempotency key the numbers of jobs that this script stores under it.
local under_key = {}
-- Numbers of jobs that are not stored.
local left_out = {}
-- In how long the first of each queue's new jobs may start, ms.
local soonest = {}

for n, id in ipairs(ids) do keys[n] = p .. "job:" .. id end

-- Hardly ever is one of them there, and to ask whether any is costs less than to ask for each.
local function load_repeated()
  local there = 0
  for from = 1, #keys, 1000 do
    there = there + redis.call("EXISTS", unpack(keys, from, math.min(from + 999, #keys)))
  end
  if there > 0 then return load_jobs(ids) end
  for _, id in ipairs(ids) do jobs[id] = false end
end

local function ids_under(key)
  local mine = under_key[key]
  if not mine then return ids_of_key(key) end
  -- By an earlier call of this very script: not written yet.
  local entries = {}
  for n, number in ipairs(mine) do entries[n] = { ids[number] } end
  return entries, keyed[text_of(mine[1])][2]
end

-- What an earlier call stored under one of these keys; nothing when this call is the first, or its own repeat.
local function seen_before(from, to)
  local mine = {}
  for n = from, to do mine[ids[n]] = true end
  for n = from, to do
    local key = keyed[text_of(n)]
    if key then
      local entries, fingerprint = ids_under(key[1])
      if #entries > 0 and not any_of(entries, mine) then
        return fingerprint == key[2] and "duplicate" or "mismatch", entries
      end
    end
  end
end

-- By id the number of the job that this script stores.
local first_of = {}

local function admit(n)
  local id, key = ids[n], keyed[text_of(n)]
  if jobs[id] or first_of[id] then
    left_out[n], doubles[n] = true, first_of[id]
    return
  end
  first_of[id] = n
  if not key then return end
  under_key[key[1]] = under_key[key[1]] or {}
  table.insert(under_key[key[1]], n)
end

-- Decides on each call in turn, by what was there and by the calls before. Output: for each its outcome, and the ids of
-- a duplicate.
local function decide()
  local decisions, from = {}, 1
  for n, count in ipairs(calls) do
    local to = from + count - 1
    local outcome, before = seen_before(from, to)
    for number = from, to do
      if outcome then left_out[number] = true else admit(number) end
    end
    decisions[n] = { outcome or "stored", before }
    from = to + 1
  end
  return decisions
end

-- Jobs from one number to another that are alike become queued.
local function store_alike(group, from, to)
  local queue, ttl_ms, run_at = group[G_QUEUE], group[G_TTL_MS], group[G_RUN_AT]
  if run_at and run_at <= now then run_at = false end
  local expires_at = ttl_ms and (run_at or now) + ttl_ms
  local moments = cmsgpack.pack(now, run_at, expires_at)
  local enqueued, expiring = gathered(added, "waiting:" .. queue), expires_at and gathered(added, "expires")
  local place, delayed = {}, run_at and gathered(added, "delayed:" .. queue)
  local fields = {}
  for n = from, to do
    local id = ids[n]
    local seq = place_next(id, created[n])
    local ordinal = string.format("%d", last_ordinal)
    seqs[n] = seq
    fields[#fields + 1] = keys[n]
    fields[#fields + 1] = HEAD .. cmsgpack.pack(last_seq, last_ordinal) .. moments .. ARGV[FIRST_REST + n]
    enqueued[#enqueued + 1] = text_of(now)
    enqueued[#enqueued + 1] = ordinal
    if expiring then
      expiring[#expiring + 1] = text_of(expires_at)
      expiring[#expiring + 1] = ordinal
    end
    if delayed then
      delayed[#delayed + 1] = text_of(run_at)
      delayed[#delayed + 1] = id
    else
      place[#place + 1] = seq
      place[#place + 1] = id
    end
  end
  for at = 1, #fields, 1000 do redis.call("MSET", unpack(fields, at, math.min(at + 999, #fields))) end
  if #place > 0 then enter_lane(queue, group[G_PRIORITY], group[G_LANE], place) end
  touched[queue] = true
  local wait = run_at and run_at - now or 0
  soonest[queue] = math.min(soonest[queue] or wait, wait)
end

local function index_alike(group, from, to)
  mark_run("all", from, to)
  mark_run("status:queued", from, to)
  mark_run("queue:" .. group[G_QUEUE], from, to)
  mark_run("host:" .. group[G_HOST], from, to)
  mark_run("driver:" .. group[G_DRIVER], from, to)
  if group[G_BATCH] then mark_run("batch:" .. group[G_BATCH], from, to) end
  count_status("queued", to - from + 1)
end

local function store(group, from, to)
  if from > to then return end
  local first = last_ordinal + 1
  store_alike(group, from, to)
  index_alike(group, first, last_ordinal)
end

local function store_all()
  local from = 1
  for _, group in ipairs(groups) do
    local next_group = from + group[G_COUNT]
    for n = from, next_group - 1 do
      if left_out[n] then
        store(group, from, n - 1)
        from = n + 1
      end
    end
    store(group, from, next_group - 1)
    from = next_group
  end
  for n, number in ipairs(apart) do
    if seqs[number] then redis.call("SET", p .. "sealed:" .. ids[number], ARGV[FIRST_REST + #ids + n]) end
  end
  for n, webhook in ipairs(hooked) do
    local number, target, timeout_ms = unpack(webhook)
    if seqs[number] then
      store_delivery(ids[number], { target, timeout_ms, false, false, 0, 0, 0, false, false, false, "[]" })
      redis.call("HSET", p .. "deliveries-sealed", ids[number], ARGV[FIRST_REST + #ids + #apart + n])
    end
  end
end

local function write_keys()
  for key, numbers in pairs(under_key) do
    local fields = { "", keyed[text_of(numbers[1])][2] }
    for _, n in ipairs(numbers) do
      fields[#fields + 1] = ids[n]
      fields[#fields + 1] = seqs[n]
    end
    in_parts("HSET", p .. "idem:" .. key, fields)
  end
end

local function whole(id)
  return { id, redis.call("GET", p .. "job:" .. id) }
end

local function answer_to(decision, from, count)
  local outcome, before = unpack(decision)
  local reply = { outcome }
  if outcome == "mismatch" then return reply end
  for _, entry in ipairs(before or {}) do
    if first_of[entry[1]] or job_of(entry[1]) then reply[#reply + 1] = whole(entry[1]) end
  end
  if outcome == "duplicate" then return reply end
  for n = from, from + count - 1 do reply[#reply + 1] = seqs[n] or whole(ids[n]) end
  return reply
end

-- Those that are there; a part of a batch is stored once, whatever has become of its jobs.
local function again(from, count)
  local reply = { "stored" }
  for n = from, from + count - 1 do
    if jobs[ids[n]] then reply[#reply + 1] = whole(ids[n]) end
  end
  return reply
end

local function answer_all(answer_one)
  local answer, from = { now }, 1
  for n, count in ipairs(calls) do
    answer[#answer + 1] = answer_one(n, from, count)
    from = from + count
  end
  return answer
end

load_repeated()
if op ~= "" and recall(op) then
  return answer_all(function(_, from, count) return again(from, count) end)
end
last_seq = first_free_seq(now) - STEP
local decisions = decide()
store_all()
store_clock()
write_keys()
write_all()
if op ~= "" then remember(op, true) end
for queue, wait in pairs(soonest) do hint_queued(queue, wait) end
publish()
return answer_all(function(n, from, count) return answer_to(decisions[n], from, count) end)
