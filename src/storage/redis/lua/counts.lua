-- Input:  statuses
-- Output: how many jobs this shard has in each
local answer = redis.call("HMGET", KEYS[1] .. "counts", unpack(ARGV))
for n, count in ipairs(answer) do answer[n] = tonumber(count or 0) end
return answer
