-- Gives the numbers that jobs are ordered by: (ms since 2024-01-01, the server's clock) * 8192 + a count * 64 + the
-- shard. So they grow within a shard whatever its clock does, never meet those of another shard, and tell roughly
-- what came first across shards.
--
-- `clock` also holds the block (1.05 s of such numbers) that is being filled, with the range of created_at that
-- `spans:max` and `spans:min` have for it. created_at is the callers' clocks, which may disagree; so `spans:max`
-- gives for each block the newest created_at up to it, and `spans:min` the oldest from it on: both only grow with
-- the block, and turn a range of created_at into one of seq by two lookups.
local EPOCH_MS, STEP, BLOCK, COARSE_MS = 1704067200000, 64, 8192 * 1024, 1024

local clock = redis.call("GET", p .. "clock")
local last_seq, span_block, span_max, span_min = unpack(clock and cmsgpack.unpack(clock) or { 0, -1, -1, -1 })

local function first_free_seq(now)
  local shard = tonumber(string.match(p, ":(%d+)}"))
  local after_last = last_seq > 0 and last_seq + STEP or STEP + shard
  return math.max((now - EPOCH_MS) * 8192 + shard, after_last)
end

-- Padded, for equal scores go by the member's text.
local function member_of(block)
  return string.format("%012.0f", block)
end

-- A job older than those before it: they all have it behind them now.
local function lower_spans(block, oldest)
  local higher = redis.call("ZRANGEBYSCORE", p .. "spans:min", "(" .. string.format("%.0f", oldest), "+inf")
  for _, earlier in ipairs(higher) do redis.call("ZADD", p .. "spans:min", oldest, earlier) end
  redis.call("ZADD", p .. "spans:min", oldest, member_of(block))
end

local function note_created(seq, created_at)
  local block = math.floor(seq / BLOCK)
  local newest = created_at - created_at % COARSE_MS + COARSE_MS - 1
  local oldest = created_at - created_at % COARSE_MS
  if block == span_block and newest <= span_max and oldest >= span_min then return end
  if block ~= span_block then span_block, span_min = block, math.huge end
  span_max, span_min = math.max(span_max, newest), math.min(span_min, oldest)
  redis.call("ZADD", p .. "spans:max", span_max, member_of(block))
  lower_spans(block, span_min)
end

local function store_clock()
  redis.call("SET", p .. "clock", cmsgpack.pack({ last_seq, span_block, span_max, span_min }))
end
