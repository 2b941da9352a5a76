-- Indexes of jobs. Each job has an ordinal, which grows with its seq; 1,024 in a row make a block. For each value that
-- jobs of a block have (its queue, its host, …) `marks:<block>:<index>` has a bit for each of them, so that a list with
-- several conditions is an AND of strings. The index `all` has every job. `ids:<block>` has id and seq of each by turns,
-- `blocks` the first seq of each block, and `counts` how many jobs there are by status.
--
-- A member of a sorted set costs twenty times as much: neighbours come together and share most of their values, and a
-- run of bits is one write.
local BLOCK = 1024
-- The longest run of bits that one write sets: a double is exact up to 2^53.
local LONGEST_RUN = 48
local set, cleared, erased, counted = {}, {}, {}, {}

local function block_of(ordinal)
  return (ordinal - ordinal % BLOCK) / BLOCK
end

-- As sorted sets have it: padded, for equal scores go by the member's text.
local function member_of(block)
  return string.format("%012d", block)
end

local function offsets_noted(where, index, block)
  local here = where[block]
  if not here then
    here = {}
    where[block] = here
  end
  local list = here[index]
  if not list then
    list = {}
    here[index] = list
  end
  return list
end

local function note_mark(where, index, ordinal)
  local list = offsets_noted(where, index, block_of(ordinal))
  list[#list + 1] = ordinal % BLOCK
end

local function mark(index, ordinal)
  note_mark(set, index, ordinal)
end

-- All from one ordinal to another.
local function mark_run(index, from, to)
  for block = block_of(from), block_of(to) do
    local list = offsets_noted(set, index, block)
    local first, last = math.max(from, block * BLOCK), math.min(to, block * BLOCK + BLOCK - 1)
    for offset = first % BLOCK, last % BLOCK do list[#list + 1] = offset end
  end
end

-- Leaves the string, for one that many jobs come into and out of.
local function unmark(index, ordinal)
  note_mark(cleared, index, ordinal)
end

-- The string goes with its last bit.
local function erase_mark(index, ordinal)
  note_mark(erased, index, ordinal)
end

local function count_status(status, change)
  counted[status] = (counted[status] or 0) + change
end

local function mark_status(status, ordinal)
  mark("status:" .. status, ordinal)
  count_status(status, 1)
end

local function unmark_status(status, ordinal)
  unmark("status:" .. status, ordinal)
  count_status(status, -1)
end

-- The ids of the jobs with these ordinals, which come as text; "" for one that is not there.
local function ids_of(ordinals)
  local ids = {}
  for n, text in ipairs(ordinals) do
    local ordinal = tonumber(text)
    ids[n] = redis.call("LINDEX", p .. "ids:" .. text_of(block_of(ordinal)), text_of(2 * (ordinal % BLOCK))) or ""
  end
  return ids
end

-- What a job is found by, besides its status.
local function indexes_of(job)
  local indexes = { "all", "queue:" .. job[QUEUE], "host:" .. job[HOST], "driver:" .. job[DRIVER] }
  if job[BATCH] then indexes[#indexes + 1] = "batch:" .. job[BATCH] end
  if job[NODE] then indexes[#indexes + 1] = "node:" .. job[NODE] end
  if job[WORKER] then indexes[#indexes + 1] = "worker:" .. job[WORKER] end
  return indexes
end

-- Few jobs fail or are cancelled among the many of a host: those are in further indexes of their own, `failed:host:…`.
local function rare_indexes_of(job)
  if job[STATUS] ~= "failed" and job[STATUS] ~= "cancelled" then return {} end
  local indexes = indexes_of(job)
  table.remove(indexes, 1)
  for n, index in ipairs(indexes) do indexes[n] = job[STATUS] .. ":" .. index end
  return indexes
end

local function marks_key(block, index)
  return p .. "marks:" .. text_of(block) .. ":" .. index
end

-- From where on to write how many bits, by turns.
local function runs_of_bits(offsets)
  table.sort(offsets)
  local runs, from, length = {}, offsets[1], 1
  for n = 2, #offsets + 1 do
    local offset = offsets[n]
    if offset == from + length and length < LONGEST_RUN then
      length = length + 1
    elseif offset ~= from + length - 1 then
      runs[#runs + 1], runs[#runs + 2] = from, length
      from, length = offset, 1
    end
  end
  return runs
end

local function write_bits(key, offsets, bit)
  if #offsets == 1 then return redis.call("SETBIT", key, text_of(offsets[1]), text_of(bit)) end
  local runs, fields = runs_of_bits(offsets), {}
  for n = 1, #runs, 2 do
    local length = runs[n + 1]
    fields[#fields + 1] = "SET"
    fields[#fields + 1] = "u" .. text_of(length)
    fields[#fields + 1] = text_of(runs[n])
    fields[#fields + 1] = bit == 1 and text_of(2 ^ length - 1) or "0"
  end
  for from = 1, #fields, 1000 do
    redis.call("BITFIELD", key, unpack(fields, from, math.min(from + 999, #fields)))
  end
end

local function each_noted(where, write)
  for block, here in pairs(where) do
    for index, offsets in pairs(here) do write(marks_key(block, index), offsets) end
  end
end

local function write_marks()
  each_noted(cleared, function(key, offsets) write_bits(key, offsets, 0) end)
  each_noted(set, function(key, offsets) write_bits(key, offsets, 1) end)
  each_noted(erased, function(key, offsets)
    write_bits(key, offsets, 0)
    if redis.call("BITPOS", key, 1) < 0 then redis.call("DEL", key) end
  end)
  for status, change in pairs(counted) do
    local left = change == 0 or redis.call("HINCRBY", p .. "counts", status, change)
    if left == 0 then redis.call("HDEL", p .. "counts", status) end
  end
end
