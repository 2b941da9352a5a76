-- Input:  id; state
-- Output: 1 when there is such a task, else 0
-- Why:    looks and changes in one atom: one that was forgotten must not come back
local p = KEYS[1]
local record = redis.call("HGET", p .. "tasks", ARGV[1])
if not record then return 0 end
local task = cjson.decode(record)
task.state = ARGV[2]
redis.call("HSET", p .. "tasks", ARGV[1], cjson.encode(task))
return 1
