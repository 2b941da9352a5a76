-- Input:  statuses
-- Output: how many jobs this shard has in each
local answer = {}
for n, status in ipairs(ARGV) do answer[n] = redis.call("ZCARD", KEYS[1] .. "status:" .. status) end
return answer
