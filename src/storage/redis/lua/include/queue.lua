--- @include later
--- @include lanes
--- @include hints
-- Into and out of the queue. Every queued job is in `waiting:<queue>`, and in its lane or in `delayed:<queue>`
-- unless a claim has seen that it is expired.
local function enter_queue(id, job)
  local queue = job[QUEUE]
  touched[queue] = true
  zadd_later("status:queued", score_of(job[SEQ]), id)
  zadd_later("waiting:" .. queue, job[ENQUEUED_AT], id)
  if job[EXPIRES_AT] then zadd_later("expires", job[EXPIRES_AT], id) end
  if job[RUN_AT] then
    redis.call("ZADD", p .. "delayed:" .. queue, job[RUN_AT], id)
  else
    enter_lane(queue, job[PRIORITY], job[LANE], { job[SEQ], id })
  end
end

-- The lane is the caller's affair: a claim has taken its job out already.
local function leave_queue(id, job)
  local queue = job[QUEUE]
  touched[queue] = true
  zrem_later("status:queued", id)
  zrem_later("waiting:" .. queue, id)
  if job[EXPIRES_AT] then zrem_later("expires", id) end
end

local function drop_from_queue(id, job)
  leave_queue(id, job)
  leave_lane(id, job)
  redis.call("ZREM", p .. "delayed:" .. job[QUEUE], id)
end
