-- Input:  now, most lanes to look at, ids of jobs
-- Output: for each job false when it is not queued, else [queue, priority, lane, jobs of its lane before it, the moment
--         it may start at as digits or ""]; for each of their queues [queue, its started job or "", none | suspended |
--         some, priority, lane and number of ready jobs by turns for its lanes, in turn]
-- Why:    a read: a few look-ups for each job and queue, however long the queue
local p = KEYS[1]
--- @include now
--- @include workers
--- @include lanes

local now, most_lanes = now_ms(ARGV[1]), tonumber(ARGV[2])
local ids = {}
for n = 3, #ARGV do ids[#ids + 1] = ARGV[n] end

local function wait_of(job)
  local key = ready_key(job[QUEUE], job[PRIORITY], job[LANE])
  local before = redis.call("ZCOUNT", key, "-inf", "(" .. text_of(job[SEQ]))
  local starts_at = job[RUN_AT] and job[RUN_AT] > now and text_of(job[RUN_AT]) or ""
  return { job[QUEUE], job[PRIORITY], job[LANE], before, starts_at }
end

-- Stops at the first that takes jobs.
local function workers_of(queue)
  local found = "none"
  for _, name in ipairs(redis.call("ZRANGE", p .. "workers:queue:" .. queue, 0, -1)) do
    local w = worker_fields(name)
    if w[W_NODE] and not w[W_DIED_AT] then
      if w[W_SUSPENDED] ~= "1" then return "some" end
      found = "suspended"
    end
  end
  return found
end

local function add_lanes(queue, answer)
  local left = most_lanes
  for _, priority in ipairs(redis.call("ZRANGE", p .. "levels:" .. queue, 0, left - 1)) do
    if left == 0 then return end
    for _, member in ipairs(redis.call("ZRANGE", p .. "lanes:" .. level_of(queue, priority), 0, left - 1)) do
      local lane = string.sub(member, 17)
      answer[#answer + 1] = tonumber(priority)
      answer[#answer + 1] = lane
      answer[#answer + 1] = redis.call("ZCARD", ready_key(queue, priority, lane))
      left = left - 1
    end
  end
end

local function queue_of(queue)
  local answer = { queue, redis.call("HGET", p .. "held", queue) or "", workers_of(queue) }
  add_lanes(queue, answer)
  return answer
end

load_jobs(ids)
local waits, queues, seen = {}, {}, {}
for n, id in ipairs(ids) do
  local job = jobs[id]
  waits[n] = job and job[STATUS] == "queued" and wait_of(job)
  if waits[n] and not seen[job[QUEUE]] then
    seen[job[QUEUE]] = true
    queues[#queues + 1] = queue_of(job[QUEUE])
  end
end
return { waits, queues }
