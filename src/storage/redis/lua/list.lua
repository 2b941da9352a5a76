-- Input:  order: asc or desc; after: seq, "" for none; limit, 250 at most; since; until: ms, "" for none; names: 1 asks
--         for ids only; indexes as msgpack: a job matches that is in all of them; waiting: the queue whose queued jobs
--         are asked for, in which case the first two indexes are those of status and queue, "" else; of one worker as
--         msgpack: [its index, the queue and the node that are asked for as well, false for none], or ""
-- Output: where to go on after, "" at the end; then id, record, def of each job that matches, or ids. May be few, or
--         none, where more follow
-- Why:    one short step of a listing on one shard. One index leads, and what it has is looked up in the others. Which
--         one: each says where its next stride ends, and the one that reaches farthest is the most selective just here
local p = KEYS[1]
--- @include record

local descending, after, limit = ARGV[1] == "desc", ARGV[2], tonumber(ARGV[3])
local since, till, names_only = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == "1"
local indexes, waiting, of_worker = cmsgpack.unpack(ARGV[7]), ARGV[8], ARGV[9]

-- Entries of the leading index that a step looks at, and how many of them are looked up at a time.
local STRIDE, PART = 1000, 100
-- A record says when its job was created; reading it costs as much as five look-ups.
local TIMED_STRIDE = 300
-- Entries taken of each status where all jobs are asked for.
local MERGED = 200
local BLOCK = 8192 * 1024
local STATUSES = { "status:finished", "status:failed", "status:cancelled", "status:queued", "status:started" }

-- Inclusive bounds of seq. Blocks hold about a second: the rest of `since` and `until` is looked up in records.
local lowest, highest = 0, 2 ^ 53 - 1
local timed = since or till
local found = {}

local function bound_by_time()
  if since then
    local first = redis.call("ZRANGE", p .. "spans:max", since, "+inf", "BYSCORE", "LIMIT", 0, 1)[1]
    if not first then return false end
    lowest = tonumber(first) * BLOCK
  end
  if till then
    local last = redis.call("ZRANGE", p .. "spans:min", "(" .. ARGV[5], "-inf", "BYSCORE", "REV", "LIMIT", 0, 1)[1]
    if not last then return false end
    highest = (tonumber(last) + 1) * BLOCK - 1
  end
  return true
end

local function go_on_after(seq)
  if descending then highest = math.min(highest, seq - 1) else lowest = math.max(lowest, seq + 1) end
end

local function entries(index, count, ...)
  if descending then
    return redis.call("ZRANGE", p .. index, highest, lowest, "BYSCORE", "REV", "LIMIT", 0, count, ...)
  end
  return redis.call("ZRANGE", p .. index, lowest, highest, "BYSCORE", "LIMIT", 0, count, ...)
end

local function is_before(seq, other)
  if descending then return seq > other end
  return seq < other
end

-- Where the index's next stride ends; nil when it has fewer entries left, false when none. By rank: to step over a
-- thousand entries costs as much as to read them.
local function stride_end(index)
  local left = redis.call("ZCOUNT", p .. index, lowest, highest)
  if left == 0 then return false end
  if left <= STRIDE then return nil end
  local last
  if descending then
    local skipped = redis.call("ZCOUNT", p .. index, "(" .. string.format("%.0f", highest), "+inf")
    last = redis.call("ZRANGE", p .. index, skipped + STRIDE - 1, skipped + STRIDE - 1, "REV", "WITHSCORES")
  else
    local skipped = redis.call("ZCOUNT", p .. index, "-inf", "(" .. string.format("%.0f", lowest))
    last = redis.call("ZRANGE", p .. index, skipped + STRIDE - 1, skipped + STRIDE - 1, "WITHSCORES")
  end
  return tonumber(last[2])
end

-- The index to go by; nil when one of them has nothing left.
local function leading_index()
  local best, best_end
  for n, index in ipairs(indexes) do
    local reach = stride_end(index)
    if reach == false then return nil end
    if n == 1 or best_end and (not reach or is_before(best_end, reach)) then best, best_end = n, reach end
  end
  return best
end

local function others_than(first, last)
  local others = {}
  for n, index in ipairs(indexes) do
    if n < first or n > last then others[#others + 1] = index end
  end
  return others
end

-- Of the ids those that are in all the indexes.
local function in_all(ids, others)
  for _, index in ipairs(others) do
    if #ids == 0 then return ids end
    local scores, kept = redis.call("ZMSCORE", p .. index, unpack(ids)), {}
    for n, id in ipairs(ids) do
      if scores[n] then kept[#kept + 1] = id end
    end
    ids = kept
  end
  return ids
end

local function in_time(ids)
  if not timed or #ids == 0 then return ids end
  local keys, kept = {}, {}
  for n, id in ipairs(ids) do keys[n] = p .. "job:" .. id end
  local packed = redis.call("MGET", unpack(keys))
  for n, id in ipairs(ids) do
    local created_at = packed[n] and cmsgpack.unpack(packed[n])[CREATED_AT]
    if created_at and (not since or created_at >= since) and (not till or created_at < till) then
      kept[#kept + 1] = id
    end
  end
  return kept
end

-- Adds the ids that match, in their order. Output: whether that was all of them, or the limit came first.
local function sift(ids, others)
  for from = 1, #ids, PART do
    local part = { unpack(ids, from, math.min(from + PART - 1, #ids)) }
    for _, id in ipairs(in_time(in_all(part, others))) do
      found[#found + 1] = id
      if #found == limit then return false end
    end
  end
  return true
end

-- The next entries of all jobs, which are those of every status: a job is in just one. Output: ids, their seqs.
local function merged(count)
  local lists, at, ids, seqs = {}, {}, {}, {}
  for n, index in ipairs(STATUSES) do
    lists[n], at[n] = entries(index, count, "WITHSCORES"), 1
  end
  while #ids < count do
    local best, best_seq
    for n, list in ipairs(lists) do
      local seq = tonumber(list[at[n] + 1])
      if seq and (not best or is_before(seq, best_seq)) then best, best_seq = n, seq end
    end
    if not best then break end
    ids[#ids + 1], seqs[#seqs + 1] = lists[best][at[best]], best_seq
    at[best] = at[best] + 2
  end
  return ids, seqs
end

local function step_over_all()
  local count = math.min(timed and TIMED_STRIDE or limit, MERGED)
  local ids, seqs = merged(count)
  if sift(ids, {}) then return seqs[count] end
  for n, id in ipairs(ids) do
    if id == found[#found] then return seqs[n] end
  end
end

-- Few jobs are queued there: those are all there is to look at, wherever they stand.
local function step_over_waiting()
  local ids = redis.call("ZRANGE", p .. "waiting:" .. waiting, 0, -1)
  if #ids == 0 then return nil end
  local scores, seqs, kept = redis.call("ZMSCORE", p .. indexes[1], unpack(ids)), {}, {}
  for n, id in ipairs(ids) do
    local seq = tonumber(scores[n])
    seqs[id] = seq
    if seq >= lowest and seq <= highest then kept[#kept + 1] = id end
  end
  table.sort(kept, function(a, b) return is_before(seqs[a], seqs[b]) end)
  if not sift(kept, others_than(1, 2)) then return seqs[found[#found]] end
  return nil
end

-- How many entries to take at a time: where most of them match, the first few fill a page.
local function helpings()
  if timed then return { PART, TIMED_STRIDE - PART } end
  return #indexes > 1 and { PART, STRIDE - PART } or { limit }
end

local function step_over_index()
  local n = leading_index()
  if not n then return nil end
  local others, seq = others_than(n, n), nil
  for _, count in ipairs(helpings()) do
    local ids = entries(indexes[n], count)
    local all = sift(ids, others)
    local last = all and ids[count] or not all and found[#found]
    if not last then return nil end
    seq = tonumber(redis.call("ZSCORE", p .. indexes[n], last))
    if not all then return seq end
    go_on_after(seq)
  end
  return seq
end

-- A worker is of one queue and one node, so what the first of its jobs says of them is true of all.
local function contradicts_worker()
  local index, queue, node = unpack(cmsgpack.unpack(of_worker))
  local job = job_of(redis.call("ZRANGE", p .. index, 0, 0)[1] or "")
  return job and (queue and job[QUEUE] ~= queue or node and job[NODE] ~= node)
end

local function step()
  if of_worker ~= "" and contradicts_worker() then return nil end
  if not bound_by_time() then return nil end
  if after ~= "" then go_on_after(tonumber(after)) end
  if #indexes == 0 then return step_over_all() end
  if waiting ~= "" and redis.call("ZCARD", p .. "waiting:" .. waiting) <= STRIDE then return step_over_waiting() end
  return step_over_index()
end

-- One that is not there whole (evicted, or erased by hand) is left out: it must not fail the whole listing.
local function add_jobs(answer)
  local keys = {}
  for _, id in ipairs(found) do
    keys[#keys + 1] = p .. "job:" .. id
    keys[#keys + 1] = p .. "def:" .. id
  end
  local kept = #keys > 0 and redis.call("MGET", unpack(keys)) or {}
  for n, id in ipairs(found) do
    local record, def = kept[2 * n - 1], kept[2 * n]
    if record and def then
      answer[#answer + 1] = id
      answer[#answer + 1] = record
      answer[#answer + 1] = def
    end
  end
end

local seq = step()
local answer = { seq and string.format("%.0f", seq) or "" }
if names_only then return { answer[1], unpack(found) } end
add_jobs(answer)
return answer
