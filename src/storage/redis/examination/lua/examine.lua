--- @include record
--- @include marks
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

-- For each of many ids the value of `kind .. id`, false where there is none: each(id, value).
local function each_value(kind, ids, each)
  for from = 1, #ids, 1000 do
    local to, keys = math.min(from + 999, #ids), {}
    for n = from, to do keys[#keys + 1] = p .. kind .. ids[n] end
    for n, value in ipairs(redis.call("MGET", unpack(keys))) do each(ids[from + n - 1], value) end
  end
end

-- Those of the ids that have no key `kind .. id`. One command, where none is missing.
local function missing_of(kind, ids)
  local keys, missing = {}, {}
  for n, id in ipairs(ids) do keys[n] = p .. kind .. id end
  if #keys == 0 or redis.call("EXISTS", unpack(keys)) == #keys then return missing end
  for n, key in ipairs(keys) do
    if redis.call("EXISTS", key) == 0 then missing[#missing + 1] = ids[n] end
  end
  return missing
end

-- As `take_in`, of whatever is stored. Output: whether it is a job.
local function can_take_in(id, value)
  local ok, at, state = pcall(cmsgpack.unpack_one, value, 0)
  if not ok or at < 0 or type(state) ~= "table" or #state ~= BEHIND then return false end
  local fine, _, its_terms = pcall(cmsgpack.unpack_one, value, at)
  if not fine or type(its_terms) ~= "table" or #its_terms ~= DEF - BEHIND then return false end
  for _, position in ipairs({ SEQ, ORDINAL, BEHIND }) do
    if type(state[position]) ~= "number" then return false end
  end
  jobs[id], terms[state] = setmetatable(state, JOB), its_terms
  return true
end

-- As `load_jobs`, but whatever is stored. What cannot be read is taken for none, and noted.
local unreadable = {}
local function read_jobs(ids)
  local missing = {}
  for _, id in ipairs(ids) do
    if jobs[id] == nil then
      jobs[id] = false
      missing[#missing + 1] = id
    end
  end
  each_value("job:", missing, function(id, value)
    if not value then return end
    if not can_take_in(id, value) then unreadable[id] = true end
  end)
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

-- Where a score is wrong; a member that is missing is another matter.
local function check_score(rule, subject, key, there, wanted)
  if tonumber(there) == wanted then return end
  name(rule, subject, "in " .. key .. " at " .. there .. ", not at " .. shown(wanted))
end

local function page_of(look, spec)
  local page = redis.call(look.walk, p .. spec[2], cursor, "COUNT", PAGE)
  cursor = page[1]
  return page[2]
end

-- One spec, or a page of it. Output: what it cost.
local function step(look, spec)
  if look.pages then
    local next_page, cost = look.at(spec, tonumber(cursor))
    cursor = tostring(next_page)
    return cost
  end
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
-- `at(spec, page)`; and the cost of each entry, where it is more than one. With `pages` `at(spec, from)` goes through
-- the key by itself: it begins at 0, and answers where to go on, 0 at the end, and what it cost. A key of another type than it should be
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
