-- Input:  cursor, unused; [scope and key, id] each as msgpack
-- Output: for each "stands" when the key stands for the job, "begun" when the job's batch is not stored yet, else "not"
-- Why:    the keys of a batch are stored before its jobs
local p = KEYS[1]
--- @include examine

local function is_begun(id)
  for _, batch in ipairs(redis.call("ZRANGE", p .. "batches", 0, -1)) do
    for _, part in ipairs(redis.call("LRANGE", p .. "batch-record:" .. batch, 0, -1)) do
      if string.find(part, id, 1, true) then return true end
    end
  end
  return false
end

local answer = {}
for n, pair in ipairs(specs) do
  local there = redis.call("HEXISTS", p .. "idem:" .. pair[1], pair[2]) == 1
  answer[n] = not there and "not" or is_begun(pair[2]) and "begun" or "stands"
end
return answer
