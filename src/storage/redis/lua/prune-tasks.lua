-- Input:  now; how many at most
-- Output: how many were forgotten
local p = KEYS[1]
--- @include now

local due = redis.call("ZRANGEBYSCORE", p .. "tasks-due", "-inf", now_ms(ARGV[1]), "LIMIT", 0, ARGV[2])
for _, id in ipairs(due) do
  redis.call("HDEL", p .. "tasks", id)
  redis.call("ZREM", p .. "tasks-due", id)
end
return #due
