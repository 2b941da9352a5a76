-- Input:  now; max; for how long a job is kept whose delivery is pending, ms; ids as msgpack whose idempotency keys are forgotten already, or "" where the keys are on this shard
-- Output: how many jobs are gone; then id, idempotency key for those that wait until their key is forgotten elsewhere
-- Why:    ended jobs whose retention has run out, the longest due first, with everything stored about them
local p = KEYS[1]
--- @include now
--- @include later
--- @include keys
--- @include hints
--- @include deliveries

local now, max = now_ms(ARGV[1]), tonumber(ARGV[2])
local owed_ms = tonumber(ARGV[3])
local keys_here = ARGV[4] == ""
local cleared = {}
for _, id in ipairs(keys_here and {} or cmsgpack.unpack(ARGV[4])) do cleared[id] = true end

-- The blocks that this call forgets jobs of.
local left = {}

local function forget(id, job)
  local ordinal = job[ORDINAL]
  for _, index in ipairs(indexes_of(job)) do erase_mark(index, ordinal) end
  for _, index in ipairs(rare_indexes_of(job)) do erase_mark(index, ordinal) end
  unmark_status(job[STATUS], ordinal)
  left[block_of(ordinal)] = true
  zrem_later("keep", text_of(ordinal))
  for _, kept in ipairs({ "job:", "log:" }) do del_later(kept .. id) end
  if job[IDEMPOTENCY] and keys_here then forget_key(id, job[IDEMPOTENCY]) end
  forget_delivery(id)
end

-- It is what its receiver is to be told.
local function put_off(id, job)
  job[RESULT_TTL_MS] = now + owed_ms - job[ENDED_AT]
  changed[id] = true
  zadd_later("keep", text_of(now + owed_ms), text_of(job[ORDINAL]))
end

-- Its record was erased by hand: it must not keep others from being forgotten.
local function forget_rest(id, ordinal)
  zrem_later("keep", ordinal)
  for _, kept in ipairs({ "sealed:", "log:" }) do del_later(kept .. id) end
  forget_delivery(id)
end

-- A block that was being filled is full now: nothing comes behind what is gone.
local function begin_no_more_in(block)
  local packed = redis.call("GET", p .. "clock")
  local clock = packed and cmsgpack.unpack(packed)
  if not clock or block_of(clock[2]) ~= block then return end
  clock[2] = (block + 1) * BLOCK - 1
  redis.call("SET", p .. "clock", cmsgpack.pack(clock))
end

local STATUSES = { "queued", "started", "finished", "failed", "cancelled" }

local function forget_block(block)
  redis.call("DEL", p .. "ids:" .. text_of(block))
  for _, status in ipairs(STATUSES) do redis.call("DEL", marks_key(block, "status:" .. status)) end
  begin_no_more_in(block)
end

-- Those before the oldest that has jobs: one in between stays, for a job may lie on either side of it.
local function forget_places()
  for _, member in ipairs(redis.call("ZRANGE", p .. "blocks", 0, 199)) do
    if redis.call("EXISTS", marks_key(tonumber(member), "all")) == 1 then return end
    for _, places in ipairs({ "blocks", "spans:max", "spans:min" }) do redis.call("ZREM", p .. places, member) end
  end
end

local function leave_blocks()
  for block in pairs(left) do
    if redis.call("EXISTS", marks_key(block, "all")) == 0 then forget_block(block) end
  end
  forget_places()
end

local ordinals = redis.call("ZRANGEBYSCORE", p .. "keep", "-inf", now, "LIMIT", 0, max)
local ids, gone, answer = ids_of(ordinals), 0, { 0 }
load_jobs(ids)
for n, id in ipairs(ids) do
  local job = jobs[id]
  if not job then
    forget_rest(id, ordinals[n])
  elseif is_owed(id) then
    put_off(id, job)
  elseif job[IDEMPOTENCY] and not keys_here and not cleared[id] then
    answer[#answer + 1] = id
    answer[#answer + 1] = job[IDEMPOTENCY]
  else
    forget(id, job)
    gone = gone + 1
  end
end
write_all()
if gone > 0 then leave_blocks() end
answer[1] = gone
return answer
