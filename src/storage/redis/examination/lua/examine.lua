--- @include record
-- What the scripts that look at a shard have in common. Each is one short step and one atom, so what a change leaves
-- half done is never seen.
-- Input:  cursor: where to go on in the first spec; specs as msgpack: [what, …] each, as `kinds.ts` makes them
-- Output: how many specs are done; the cursor for the next one; findings: rule, subject, detail of each by turns;
--         what else the script has to tell
local cursor, specs = ARGV[1], cmsgpack.unpack(ARGV[2])
local findings, told = {}, {}

-- Entries looked at in one call: one to two milliseconds of Redis, which serves nobody else meanwhile.
local BUDGET, PAGE = 400, "100"

local function name(rule, subject, detail)
  findings[#findings + 1] = rule
  findings[#findings + 1] = subject
  findings[#findings + 1] = detail
end

-- In words: `false` and nil stand for none.
local function shown(value)
  if type(value) == "number" then return string.format("%.0f", value) end
  return value and tostring(value) or "-"
end

local function unpacked(packed)
  if not packed then return nil end
  local ok, value = pcall(cmsgpack.unpack, packed)
  return ok and type(value) == "table" and value or nil
end

local function is_json(text)
  return (pcall(cjson.decode, text))
end

-- As `load_jobs`, but whatever the records look like. One that cannot be read is taken for none, and noted.
local unreadable = {}
local function note_record(id, packed)
  if not packed then return end
  local job = unpacked(packed)
  if job and type(job[SEQ]) == "number" and #job == IDEMPOTENCY then jobs[id] = job else unreadable[id] = true end
end

local function read_jobs(ids)
  local missing, keys = {}, {}
  for _, id in ipairs(ids) do
    if jobs[id] == nil then
      jobs[id] = false
      missing[#missing + 1] = id
      keys[#keys + 1] = p .. "job:" .. id
    end
  end
  for from = 1, #keys, 1000 do
    local packed = redis.call("MGET", unpack(keys, from, math.min(from + 999, #keys)))
    for n, record in ipairs(packed) do note_record(missing[from + n - 1], record) end
  end
end

local function read_job(id)
  read_jobs({ id })
  return jobs[id]
end

local function is_started(job)
  return job and job[STATUS] == "started"
end

local function is_final(job)
  local status = job[STATUS]
  return status == "finished" or status == "failed" or status == "cancelled"
end

-- The same words from either side, so that what both sides see is named once.
local function check_score(rule, subject, key, there, wanted)
  if tonumber(there) == wanted then return end
  name(rule, subject, "in " .. key .. " at " .. there .. ", not at " .. shown(wanted))
end

local function check_member(rule, key, member, score)
  local there = redis.call("ZSCORE", p .. key, member)
  if not there then return name(rule, member, "missing in " .. key) end
  check_score(rule, member, key, there, score)
end

local function page_of(look, spec)
  local page = redis.call(look.walk, p .. spec[2], cursor, "COUNT", PAGE)
  cursor = page[1]
  return page[2]
end

-- One spec, or a page of it. Output: what it cost.
local function step(look, spec)
  if not look.walk then
    cursor = "0"
    look.at(spec)
    return look.cost or 1
  end
  local page = page_of(look, spec)
  look.at(spec, page)
  return 1 + #page / 2 * (look.cost or 1)
end

-- `looks`: for each `what` of a spec `at(spec)`, or `walk` (ZSCAN or HSCAN of the key that the spec names) with
-- `at(spec, page)`; and the cost of each entry, where it is more than one. A key of another type than it should be
-- is named by whoever finds it; here it cannot be looked at.
local function examine(looks)
  local spent, done = 0, 0
  while done < #specs and spent < BUDGET do
    local spec = specs[done + 1]
    local ok, answer = pcall(step, looks[spec[1]], spec)
    if not ok then
      cursor = "0"
      name("readable", spec[2], "cannot be looked at: " .. (type(answer) == "table" and answer.err or tostring(answer)))
    end
    spent = spent + (ok and answer or 1)
    if cursor == "0" then done = done + 1 end
  end
  return { done, cursor, findings, told }
end
