--- @include record
-- Whose turn it is within a queue: the highest priority's lane that was served longest ago, then that lane's first
-- job. A lane's score in `lanes` is twice the tick of its last claim, or one less than that of the newest claim for
-- a lane that has just got work, so that it comes before the lane served last and after all that have waited;
-- members begin with the first job's seq, by which Redis orders equal scores.
local function level_of(queue, priority)
  return priority .. ":" .. queue
end

-- The queue's length keeps two names from running into each other.
local function ready_key(queue, priority, lane)
  return p .. "ready:" .. priority .. ":" .. #queue .. ":" .. queue .. lane
end

local function open_lane(queue, priority, lane, first_seq)
  local level = level_of(queue, priority)
  local tick = tonumber(redis.call("HGET", p .. "ticks:" .. queue, priority) or 0)
  local first = string.format("%016.0f", tonumber(first_seq))
  redis.call("HSET", p .. "firsts:" .. level, lane, first)
  redis.call("ZADD", p .. "lanes:" .. level, 2 * tick - 1, first .. lane)
  redis.call("ZADD", p .. "levels:" .. queue, -priority, priority)
end

local function close_lane(queue, priority, lane)
  local level = level_of(queue, priority)
  local first = redis.call("HGET", p .. "firsts:" .. level, lane)
  redis.call("HDEL", p .. "firsts:" .. level, lane)
  redis.call("ZREM", p .. "lanes:" .. level, first .. lane)
  if redis.call("EXISTS", p .. "lanes:" .. level) == 0 then
    redis.call("ZREM", p .. "levels:" .. queue, priority)
    redis.call("HDEL", p .. "ticks:" .. queue, priority)
  end
end

-- `list` is score, id, score, id …: jobs of one lane in the order of seq.
local function enter_lane(queue, priority, lane, list)
  local key = ready_key(queue, priority, lane)
  for from = 1, #list, 1000 do
    redis.call("ZADD", key, unpack(list, from, math.min(from + 999, #list)))
  end
  if redis.call("ZCARD", key) * 2 == #list then open_lane(queue, priority, lane, list[1]) end
end

-- Without a turn: cancelled, or seen to be expired. Nothing for a job that is in no lane (delayed).
local function leave_lane(id, job)
  local queue, priority, lane = job[QUEUE], job[PRIORITY], job[LANE]
  local key = ready_key(queue, priority, lane)
  if redis.call("ZREM", key, id) == 1 and redis.call("EXISTS", key) == 0 then close_lane(queue, priority, lane) end
end
