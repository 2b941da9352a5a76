--- @include later
--- @include lanes
--- @include hints
-- Into and out of the queue. Every queued job is in `waiting:<queue>`, and in its lane or in `delayed:<queue>`
-- unless a claim has seen that it is expired.
local function enter_queue(id, job)
  local queue = job[QUEUE]
  touched[queue] = true
  mark_status("queued", job[ORDINAL])
  zadd_later("waiting:" .. queue, text_of(job[ENQUEUED_AT]), text_of(job[ORDINAL]))
  if job[EXPIRES_AT] then zadd_later("expires", text_of(job[EXPIRES_AT]), text_of(job[ORDINAL])) end
  if job[RUN_AT] then
    redis.call("ZADD", p .. "delayed:" .. queue, job[RUN_AT], id)
  else
    enter_lane(queue, job[PRIORITY], job[LANE], { job[SEQ], id })
  end
end

-- The lane is the caller's affair: a claim has taken its job out already.
local function leave_queue(job)
  local queue = job[QUEUE]
  touched[queue] = true
  unmark_status("queued", job[ORDINAL])
  zrem_later("waiting:" .. queue, text_of(job[ORDINAL]))
  if job[EXPIRES_AT] then zrem_later("expires", text_of(job[ORDINAL])) end
end

local function drop_from_queue(id, job)
  leave_queue(job)
  leave_lane(id, job)
  redis.call("ZREM", p .. "delayed:" .. job[QUEUE], id)
end
