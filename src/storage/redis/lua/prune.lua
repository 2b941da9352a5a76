-- Input:  now; max; ids as msgpack whose idempotency keys are forgotten already, or "" where the keys are on this shard
-- Output: how many jobs are gone; then id, idempotency key for those that wait until their key is forgotten elsewhere
-- Why:    ended jobs whose retention has run out, the longest due first, with everything stored about them
local p = KEYS[1]
--- @include now
--- @include later
--- @include keys

local now, max = now_ms(ARGV[1]), tonumber(ARGV[2])
local keys_here = ARGV[3] == ""
local cleared = {}
for _, id in ipairs(keys_here and {} or cmsgpack.unpack(ARGV[3])) do cleared[id] = true end

local KINDS = { [QUEUE] = "queue:", [HOST] = "host:", [DRIVER] = "driver:", [NODE] = "node:", [WORKER] = "worker:" }

local function forget(id, job)
  local rare = job[STATUS] ~= "finished" and job[STATUS] .. ":"
  for position, kind in pairs(KINDS) do
    if job[position] then
      zrem_later(kind .. job[position], id)
      if rare then zrem_later(rare .. kind .. job[position], id) end
    end
  end
  if job[BATCH] then zrem_later("batch:" .. job[BATCH], id) end
  zrem_later("status:" .. job[STATUS], id)
  zrem_later("keep", id)
  for _, kept in ipairs({ "job:", "def:", "log:" }) do del_later(kept .. id) end
  if job[IDEMPOTENCY] and keys_here then forget_key(id, job[IDEMPOTENCY]) end
end

-- Its record was erased by hand: it must not keep others from being forgotten.
local function forget_rest(id)
  for _, index in ipairs({ "keep", "status:finished", "status:failed", "status:cancelled" }) do zrem_later(index, id) end
  for _, kept in ipairs({ "def:", "log:" }) do del_later(kept .. id) end
end

-- Blocks before the oldest job of all. Both sets are in the order of blocks.
local function forget_spans()
  local oldest = math.huge
  for _, status in ipairs({ "queued", "started", "finished", "failed", "cancelled" }) do
    local first = redis.call("ZRANGE", p .. "status:" .. status, 0, 0, "WITHSCORES")
    if first[2] then oldest = math.min(oldest, tonumber(first[2])) end
  end
  local block = math.floor(oldest / (8192 * 1024))
  -- The block being filled may be among them: the next job must not take it for noted.
  local packed = redis.call("GET", p .. "clock")
  local clock = packed and cmsgpack.unpack(packed) or { 0, -1 }
  if clock[2] >= 0 and clock[2] < block then
    clock[2] = -1
    redis.call("SET", p .. "clock", cmsgpack.pack(clock))
  end
  for _, spans in ipairs({ "spans:max", "spans:min" }) do
    for _, member in ipairs(redis.call("ZRANGE", p .. spans, 0, 199)) do
      if tonumber(member) < block then redis.call("ZREM", p .. spans, member) end
    end
  end
end

local ids = redis.call("ZRANGEBYSCORE", p .. "keep", "-inf", now, "LIMIT", 0, max)
load_jobs(ids)
local gone, answer = 0, { 0 }
for _, id in ipairs(ids) do
  local job = jobs[id]
  if not job then
    forget_rest(id)
  elseif job[IDEMPOTENCY] and not keys_here and not cleared[id] then
    answer[#answer + 1] = id
    answer[#answer + 1] = job[IDEMPOTENCY]
  else
    forget(id, job)
    gone = gone + 1
  end
end
write_all()
if gone > 0 then forget_spans() end
answer[1] = gone
return answer
