-- A job is one string: its state and its terms, a msgpack array each, and behind them the sealed operation of a job
-- that has not ended, unless that is so large that it has a key of its own. An array is read and written in half the
-- time of a hash and takes a third of its memory; a second key costs as much as the first. Terms never change, and are
-- unpacked only where they are asked for. `false` stands for null. codec.ts knows the same positions.
local SEQ, ORDINAL, ENQUEUED_AT, RUN_AT, EXPIRES_AT, STATUS, QUEUE, RESULT_TTL_MS, CREATED_AT, STARTED_AT, ENDED_AT,
  ATTEMPTS, RUN, NONCE, NODE, WORKER, RESULT, BEHIND = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
-- Of the terms; a script asks a job for them as for the rest. DEF, JSON, is nothing to a script.
local HOST, DRIVER, BATCH, PRIORITY, LANE, TTL_MS, RETRIES, IDEMPOTENCY, DEF = 19, 20, 21, 22, 23, 24, 25, 26, 27

-- The jobs this call has looked at, by id (false: there is none), and which of them it must store at its end. By job
-- what stands behind its state, packed, and its terms.
local jobs, changed, rests, terms = {}, {}, {}, {}

local JOB = {
  __index = function(job, position)
    if not terms[job] then
      local _, unpacked = cmsgpack.unpack_one(rests[job], 0)
      terms[job] = unpacked
    end
    return terms[job][position - BEHIND]
  end,
}

local function take_in(id, value)
  local at, job = cmsgpack.unpack_one(value, 0)
  rests[job] = string.sub(value, at + 1)
  jobs[id] = setmetatable(job, JOB)
end

local function packed_job(job)
  return cmsgpack.pack(job) .. rests[job]
end

local function load_jobs(ids)
  local missing, keys = {}, {}
  for _, id in ipairs(ids) do
    if jobs[id] == nil then
      jobs[id] = false
      missing[#missing + 1] = id
      keys[#keys + 1] = p .. "job:" .. id
    end
  end
  for from = 1, #keys, 1000 do
    local to = math.min(from + 999, #keys)
    local values = redis.call("MGET", unpack(keys, from, to))
    for n = from, to do
      local value = values[n - from + 1]
      if value then take_in(missing[n], value) end
    end
  end
end

-- The job as this call has left it; false when there is none.
local function job_of(id)
  if jobs[id] == nil then load_jobs({ id }) end
  return jobs[id]
end

-- The runs of started jobs: hash `runs`, id -> msgpack array.
local R_RUN, R_NONCE, R_NODE, R_WORKER, R_RENEWAL, R_ABORT = 1, 2, 3, 4, 5, 6

local function run_of(id)
  local packed = redis.call("HGET", p .. "runs", id)
  return packed and cmsgpack.unpack(packed)
end

-- A whole number as Redis takes it: given a number, it formats that as one with a fraction, each time anew, at five
-- times the cost.
local texts = {}

local function text_of(number)
  local text = texts[number]
  if not text then
    text = string.format("%d", number)
    texts[number] = text
  end
  return text
end
