-- Input:  now, after ("" for the first), max
-- Output: queue, depth, when the oldest of its jobs was enqueued, in how many ms the first of its delayed jobs is due
--         (-1 when it has none) for each; fewer than max queues when none are left
-- Why:    a slice: with a queue for each device there may be many
local p = KEYS[1]
--- @include now

local now, after = now_ms(ARGV[1]), ARGV[2]
local from = after == "" and "-" or "(" .. after

local function first_score(key)
  return redis.call("ZRANGE", key, 0, 0, "WITHSCORES")[2]
end

local answer = {}
for _, queue in ipairs(redis.call("ZRANGE", p .. "queues", from, "+", "BYLEX", "LIMIT", 0, tonumber(ARGV[3]))) do
  local due_at = first_score(p .. "delayed:" .. queue)
  answer[#answer + 1] = queue
  answer[#answer + 1] = redis.call("ZCARD", p .. "waiting:" .. queue)
  answer[#answer + 1] = tonumber(first_score(p .. "waiting:" .. queue))
  answer[#answer + 1] = due_at and math.max(0, tonumber(due_at) - now) or -1
end
return answer
