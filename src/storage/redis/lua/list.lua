-- Input:  order: asc or desc; after: seq, "" for none; limit, 250 at most; since; until: ms, "" for none; names: 1 asks
--         for ids only; indexes as msgpack, one at least: a job matches that is in all of them (see include/marks.lua)
-- Output: where to go on after, "" at the end; then id, record of each job that matches, or ids. May be few, or none,
--         where more follow
-- Why:    one short step of a listing on one shard: block by block the AND of its marks
local p = KEYS[1]
--- @include record
--- @include marks

local descending, after, limit = ARGV[1] == "desc", tonumber(ARGV[2]), tonumber(ARGV[3])
local since, till, names_only = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == "1"
local indexes = cmsgpack.unpack(ARGV[7])

-- How many blocks to look at at a time: where most jobs match, the first ones fill a page. All together are a step.
local HELPINGS = { 3, 30, 220 }
-- Records that a step reads for the moment they were created.
local RECORDS = 300
local WORDS, WORD_BITS = BLOCK / 32, 32
local EIGHT_WORDS = ">I4I4I4I4I4I4I4I4"

local found, records_read = {}, 0

-- Inclusive bounds of blocks; nil when no job can match. Of the outermost ones the rest is looked up in records.
local function bounds()
  local lowest, highest = 0, math.huge
  if since then
    lowest = tonumber(redis.call("ZRANGE", p .. "spans:max", since, "+inf", "BYSCORE", "LIMIT", 0, 1)[1])
  end
  if till then
    local before = "(" .. ARGV[5]
    highest = tonumber(redis.call("ZRANGE", p .. "spans:min", before, "-inf", "BYSCORE", "REV", "LIMIT", 0, 1)[1])
  end
  return highest and lowest, highest
end

local function score_of_block(block)
  return redis.call("ZSCORE", p .. "blocks", member_of(block)) or nil
end

-- The last block that has jobs before `after`, or up to it where the listing ascends, and its first seq.
local function block_of_after()
  local up_to = descending and "(" .. ARGV[2] or ARGV[2]
  local entry = redis.call("ZRANGE", p .. "blocks", up_to, "-inf", "BYSCORE", "REV", "LIMIT", 0, 1, "WITHSCORES")
  return tonumber(entry[1]), entry[2]
end

-- The first seq of the block to begin with, of which a part may be behind us; nil when there is none.
local function first_score(lowest, highest)
  if after then
    local block, score = block_of_after()
    if descending and (not block or block < lowest) or not descending and block and block > highest then return nil end
    if block and block >= lowest and block <= highest then return score end
  end
  if descending then return highest == math.huge and "+inf" or score_of_block(highest) end
  return lowest == 0 and "-inf" or score_of_block(lowest)
end

-- Blocks from there on in the order of the listing, and the first seq of each, by turns.
local function blocks_from(score, count)
  if descending then
    return redis.call("ZRANGE", p .. "blocks", score, "-inf", "BYSCORE", "REV", "LIMIT", 0, count, "WITHSCORES")
  end
  return redis.call("ZRANGE", p .. "blocks", score, "+inf", "BYSCORE", "LIMIT", 0, count, "WITHSCORES")
end

-- For each of the blocks the strings of its indexes; false where one of them has nothing there.
local function marks_of(blocks, count)
  local keys, all = {}, {}
  for n = 1, count do
    for _, index in ipairs(indexes) do keys[#keys + 1] = marks_key(tonumber(blocks[2 * n - 1]), index) end
  end
  local values = #keys > 0 and redis.call("MGET", unpack(keys)) or {}
  for n = 1, count do
    local strings = {}
    for k = 1, #indexes do
      local marks = values[(n - 1) * #indexes + k]
      if marks then strings[#strings + 1] = marks end
    end
    all[n] = #strings == #indexes and strings
  end
  return all
end

-- The bits that are set in all of the strings, 32 at a time; the first is the highest.
local function common_words(strings)
  local words = {}
  for n, marks in ipairs(strings) do
    local whole = marks .. string.rep("\0", BLOCK / 8 - #marks)
    for at = 1, WORDS, 8 do
      local part = { struct.unpack(EIGHT_WORDS, whole, 4 * at - 3) }
      for k = 0, 7 do words[at + k] = n == 1 and part[k + 1] or bit.band(words[at + k], part[k + 1]) end
    end
  end
  return words
end

local function is_set(words, offset)
  local word = words[(offset - offset % WORD_BITS) / WORD_BITS + 1]
  return word ~= 0 and bit.band(word, bit.lshift(1, WORD_BITS - 1 - offset % WORD_BITS)) ~= 0
end

-- At most so many offsets from low to high whose bits are set, in the order of the listing.
local function offsets_within(words, low, high, count)
  local offsets = {}
  local at, to, step = low, high, 1
  if descending then at, to, step = high, low, -1 end
  while (to - at) * step >= 0 and #offsets < count do
    if is_set(words, at) then offsets[#offsets + 1] = at end
    at = at + step
  end
  return offsets
end

local function ids_key(block)
  return p .. "ids:" .. string.format("%d", block)
end

local function seq_at(block, offset)
  return tonumber(redis.call("LINDEX", ids_key(block), 2 * offset + 1))
end

-- How many jobs of the block come before `after`, with it where the listing ascends.
local function passed(block, size)
  local low, high = 0, size
  while low < high do
    local middle = math.floor((low + high) / 2)
    local seq = seq_at(block, middle)
    if seq < after or not descending and seq == after then low = middle + 1 else high = middle end
  end
  return low
end

-- Offsets of jobs that match, no more than this step can take in.
local function candidates(block, strings, is_first, timed)
  local size = redis.call("LLEN", ids_key(block)) / 2
  local low, high = 0, size - 1
  if after and is_first and descending then high = passed(block, size) - 1 end
  if after and is_first and not descending then low = passed(block, size) end
  return offsets_within(common_words(strings), low, high, timed and RECORDS - records_read or limit - #found)
end

-- Whether all jobs of the block are of the time that is asked for.
local function is_within(block)
  local member = member_of(block)
  local newest, oldest = redis.call("ZSCORE", p .. "spans:max", member), redis.call("ZSCORE", p .. "spans:min", member)
  return newest and oldest and (not till or tonumber(newest) < till) and (not since or tonumber(oldest) >= since)
end

local function is_in_time(id)
  records_read = records_read + 1
  local value = redis.call("GET", p .. "job:" .. id)
  if not value then return false end
  local _, job = cmsgpack.unpack_one(value, 0)
  return (not since or job[CREATED_AT] >= since) and (not till or job[CREATED_AT] < till)
end

-- Gives ids by offset; those that lie close together are read together.
local function ids_at(block, offsets)
  local first, last = offsets[1], offsets[#offsets]
  if descending then first, last = last, first end
  if last - first > 8 * #offsets then
    return function(offset) return redis.call("LINDEX", ids_key(block), 2 * offset) end
  end
  local slice = redis.call("LRANGE", ids_key(block), 2 * first, 2 * last)
  return function(offset) return slice[2 * (offset - first) + 1] end
end

-- Adds what matches of a block. Output: the seq to go on after when that was not all of it.
local function take(block, strings, is_first)
  local timed = (since or till) and not is_within(block)
  local offsets = candidates(block, strings, is_first, timed)
  if #offsets == 0 then return end
  local id_at = ids_at(block, offsets)
  for _, offset in ipairs(offsets) do
    local id = id_at(offset)
    if not timed or is_in_time(id) then found[#found + 1] = id end
    if #found == limit or records_read == RECORDS then return seq_at(block, offset) end
  end
end

local function step()
  local lowest, highest = bounds()
  local score = lowest and first_score(lowest, highest)
  local is_first = true
  for _, helping in ipairs(HELPINGS) do
    if not score then return nil end
    local blocks = blocks_from(score, helping + 1)
    local count = math.min(helping, #blocks / 2)
    local marks = marks_of(blocks, count)
    for n = 1, count do
      local block = tonumber(blocks[2 * n - 1])
      if block < lowest or block > highest then return nil end
      local seq = marks[n] and take(block, marks[n], is_first)
      if seq then return seq end
      is_first = false
    end
    local reached = blocks[2 * count]
    score = blocks[2 * helping + 2]
    after = score and (descending and tonumber(reached) or tonumber(score) - 1)
  end
  return after
end

-- One that is gone (evicted, or erased by hand) is left out: it must not fail the whole listing.
local function add_jobs(answer)
  local keys = {}
  for n, id in ipairs(found) do keys[n] = p .. "job:" .. id end
  local values = #keys > 0 and redis.call("MGET", unpack(keys)) or {}
  for n, id in ipairs(found) do
    if values[n] then
      answer[#answer + 1] = id
      answer[#answer + 1] = values[n]
    end
  end
end

local seq = step()
local answer = { seq and string.format("%d", seq) or "" }
if names_only then return { answer[1], unpack(found) } end
add_jobs(answer)
return answer
