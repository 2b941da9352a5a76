--- @include later
-- Gives new jobs the numbers that they are ordered by. Seq: (ms since 2024-01-01, the server's clock) * 8192 + a count
-- * 64 + the shard. So it grows within a shard whatever its clock does, never meets one of another shard, and tells
-- roughly what came first across shards. Ordinal: 0, 1, 2 … within the shard; see marks.lua.
--
-- `clock` holds the last of both, and the range of created_at that `spans:max` and `spans:min` have for the block that
-- is being filled. created_at is the callers' clocks, which may disagree; so `spans:max` gives for each block the newest
-- created_at up to it, and `spans:min` the oldest from it on: both only grow with the block, and turn a range of
-- created_at into one of blocks by two lookups.
local EPOCH_MS, STEP, COARSE_MS = 1704067200000, 64, 1024

local clock = redis.call("GET", p .. "clock")
local last_seq, last_ordinal, span_max, span_min = unpack(clock and cmsgpack.unpack(clock) or { 0, -1, -1, -1 })

local function first_free_seq(now)
  local shard = tonumber(string.match(p, ":(%d+)}"))
  local after_last = last_seq > 0 and last_seq + STEP or STEP + shard
  return math.max((now - EPOCH_MS) * 8192 + shard, after_last)
end

-- A job older than those before it: they all have it behind them now.
local function lower_spans(block, oldest)
  local higher = redis.call("ZRANGEBYSCORE", p .. "spans:min", "(" .. text_of(oldest), "+inf")
  for _, earlier in ipairs(higher) do redis.call("ZADD", p .. "spans:min", oldest, earlier) end
  redis.call("ZADD", p .. "spans:min", oldest, member_of(block))
end

local function note_created(created_at)
  local block = block_of(last_ordinal)
  local begins = last_ordinal % BLOCK == 0
  local oldest = created_at - created_at % COARSE_MS
  local newest = oldest + COARSE_MS - 1
  if not begins and newest <= span_max and oldest >= span_min then return end
  if begins then
    redis.call("ZADD", p .. "blocks", text_of(last_seq), member_of(block))
    span_min = oldest
  end
  span_max, span_min = math.max(span_max, newest), math.min(span_min, oldest)
  redis.call("ZADD", p .. "spans:max", span_max, member_of(block))
  lower_spans(block, span_min)
end

-- By block, id and seq by turns of the jobs that this call stores.
local placed = {}

-- Output: the seq of the next job, whose ordinal is `last_ordinal` then.
local function place_next(id, created_at)
  last_seq, last_ordinal = last_seq + STEP, last_ordinal + 1
  note_created(created_at)
  local list = gathered(placed, block_of(last_ordinal))
  list[#list + 1] = id
  list[#list + 1] = text_of(last_seq)
  return list[#list]
end

local function store_clock()
  redis.call("SET", p .. "clock", cmsgpack.pack({ last_seq, last_ordinal, span_max, span_min }))
  for block, list in pairs(placed) do
    in_parts("RPUSH", p .. "ids:" .. text_of(block), list)
  end
end
