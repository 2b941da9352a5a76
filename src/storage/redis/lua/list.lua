-- Input:  order: asc or desc; after: seq, "" for none; limit, 250 at most; since; until: ms, "" for none; names: 1 asks
--         for ids only; indexes as msgpack, one at least: a job matches that is in all of them (see include/marks.lua),
--         of which those with few jobs are best told first
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
-- Records that a step reads for the moment they were created, and how many at a time.
local RECORDS, TOGETHER = 400, 100
local WORD_BITS = 32
-- As many bits as are cheaper to look up one by one than to read a whole string.
local FEW = 6

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

-- For each of the blocks the marks of the first index; false where it has none.
local function first_marks(blocks, count)
  local keys = {}
  for n = 1, count do keys[n] = marks_key(tonumber(blocks[2 * n - 1]), indexes[1]) end
  return count > 0 and redis.call("MGET", unpack(keys)) or {}
end

-- The marks of the other indexes in that block; nil when one of them has none.
local function other_marks(block)
  local keys = {}
  for n = 2, #indexes do keys[n - 1] = marks_key(block, indexes[n]) end
  local strings = #keys > 0 and redis.call("MGET", unpack(keys)) or {}
  for n = 1, #keys do
    if not strings[n] then return nil end
  end
  return strings
end

local function padded_to_quads(marks)
  local over = #marks % 16
  return over == 0 and marks or marks .. string.rep("\0", 16 - over)
end

-- The bits that are set in all of the strings, by the number of a word of 32 bits, from 0; the first is the highest.
-- Words without any are left out: where two conditions hardly meet, those are nearly all. Four words at a time take
-- half the time of one, and where the first string has nothing the others need not be looked at.
local function common_words(strings)
  local words, band, quad, length = {}, bit.band, struct.unpack, BLOCK / 8
  for n, marks in ipairs(strings) do
    length = math.min(length, #marks)
    strings[n] = padded_to_quads(marks)
  end
  local byte = string.find(strings[1], "[^%z]")
  while byte and byte <= length do
    local at = 4 * math.floor((byte - 1) / 16)
    local a, b, c, d = quad(">I4I4I4I4", strings[1], 4 * at + 1)
    for n = 2, #strings do
      local e, f, g, h = quad(">I4I4I4I4", strings[n], 4 * at + 1)
      a, b, c, d = band(a, e), band(b, f), band(c, g), band(d, h)
    end
    if a ~= 0 then words[at] = a end
    if b ~= 0 then words[at + 1] = b end
    if c ~= 0 then words[at + 2] = c end
    if d ~= 0 then words[at + 3] = d end
    byte = string.find(strings[1], "[^%z]", 4 * at + 17)
  end
  return words
end

-- At most so many offsets from low to high whose bits are set, in the order of the listing.
local function offsets_within(words, low, high, count)
  local offsets = {}
  local at, to, step = low, high, 1
  if descending then at, to, step = high, low, -1 end
  while (to - at) * step >= 0 and #offsets < count do
    local within = at % WORD_BITS
    local word = words[(at - within) / WORD_BITS]
    if not word then
      at = descending and at - within - 1 or at - within + WORD_BITS
    else
      if bit.band(word, bit.lshift(1, WORD_BITS - 1 - within)) ~= 0 then offsets[#offsets + 1] = at end
      at = at + step
    end
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

local function is_marked_in_others(block, offset)
  for n = 2, #indexes do
    if redis.call("GETBIT", marks_key(block, indexes[n]), text_of(offset)) == 0 then return false end
  end
  return true
end

-- By the number of a word, as `common_words` has it: of a few bits, those that are set in the other indexes as well.
local function kept_of_few(block, offsets)
  local words = {}
  for _, offset in ipairs(offsets) do
    if is_marked_in_others(block, offset) then
      local at, within = (offset - offset % WORD_BITS) / WORD_BITS, offset % WORD_BITS
      words[at] = bit.bor(words[at] or 0, bit.lshift(1, WORD_BITS - 1 - within))
    end
  end
  return words
end

-- The offsets of a string that has bits in a few bytes only; nil for another one.
local function few_offsets(marks)
  local offsets, byte = {}, string.find(marks, "[^%z]")
  while byte do
    if #offsets >= FEW then return nil end
    local bits = string.byte(marks, byte)
    for k = 0, 7 do
      if bit.band(bits, bit.lshift(1, 7 - k)) ~= 0 then offsets[#offsets + 1] = 8 * (byte - 1) + k end
    end
    byte = string.find(marks, "[^%z]", byte + 1)
  end
  return offsets
end

-- What is set in all indexes of a block. A few bits are looked up one by one in the others: a list of what hardly
-- anybody has would spend most of its time on reading what everybody has.
local function words_of(block, first)
  local few = #indexes > 1 and few_offsets(first)
  if few then return kept_of_few(block, few) end
  local others = other_marks(block)
  return others and common_words({ first, unpack(others) }) or {}
end

-- Offsets of jobs that match, no more than this step can take in.
local function candidates(block, first, is_first, timed)
  local words = words_of(block, first)
  if next(words) == nil then return {} end
  local size = redis.call("LLEN", ids_key(block)) / 2
  local low, high = 0, size - 1
  if after and is_first and descending then high = passed(block, size) - 1 end
  if after and is_first and not descending then low = passed(block, size) end
  return offsets_within(words, low, high, timed and RECORDS - records_read or limit - #found)
end

-- Whether all jobs of the block are of the time that is asked for.
local function is_within(block)
  local member = member_of(block)
  local newest, oldest = redis.call("ZSCORE", p .. "spans:max", member), redis.call("ZSCORE", p .. "spans:min", member)
  return newest and oldest and (not till or tonumber(newest) < till) and (not since or tonumber(oldest) >= since)
end

-- Of the ids from the n-th on, as many as are read together, which were created in the time that is asked for. Only the
-- first values of a job's state are unpacked: they stand behind the three bytes of its head.
local function in_time(ids, n)
  local keys, matching = {}, {}
  for k = n, math.min(n + TOGETHER - 1, #ids) do keys[#keys + 1] = p .. "job:" .. ids[k] end
  for k, value in ipairs(redis.call("MGET", unpack(keys))) do
    local created_at = value and select(CREATED_AT + 1, cmsgpack.unpack_limit(value, CREATED_AT, 3))
    matching[n + k - 1] = created_at and (not since or created_at >= since) and (not till or created_at < till)
  end
  records_read = records_read + #keys
  return matching
end

-- The ids at these offsets; those that lie close together are read together.
local function ids_at(block, offsets)
  local first, last = offsets[1], offsets[#offsets]
  if descending then first, last = last, first end
  local ids, is_close = {}, last - first <= 8 * #offsets
  local slice = is_close and redis.call("LRANGE", ids_key(block), 2 * first, 2 * last)
  for n, offset in ipairs(offsets) do
    ids[n] = is_close and slice[2 * (offset - first) + 1] or redis.call("LINDEX", ids_key(block), 2 * offset)
  end
  return ids
end

-- Adds what matches of a block. Output: the seq to go on after when that was not all of it.
local function take(block, first, is_first)
  local timed = (since or till) and not is_within(block)
  local offsets = candidates(block, first, is_first, timed)
  if #offsets == 0 then return end
  local ids, matching = ids_at(block, offsets), {}
  for n, id in ipairs(ids) do
    if timed and matching[n] == nil then matching = in_time(ids, n) end
    if not timed or matching[n] then found[#found + 1] = id end
    if #found == limit then return seq_at(block, offsets[n]) end
  end
  if records_read >= RECORDS then return seq_at(block, offsets[#offsets]) end
end

local function step()
  local lowest, highest = bounds()
  local score = lowest and first_score(lowest, highest)
  local is_first = true
  for _, helping in ipairs(HELPINGS) do
    if not score then return nil end
    local blocks = blocks_from(score, helping + 1)
    local count = math.min(helping, #blocks / 2)
    local marks = first_marks(blocks, count)
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
