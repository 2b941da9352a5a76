-- Input:  age in ms
-- Output: batch id and parts of some that were begun so long ago and are not ended
-- Why:    whoever began them did not come to the end; by the server's clock, for callers' clocks may disagree
local p = KEYS[1]
local time = redis.call("TIME")
local before = time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[1]
local answer = {}
for _, batch in ipairs(redis.call("ZRANGEBYSCORE", p .. "batches", "-inf", before, "LIMIT", 0, 10)) do
  answer[#answer + 1] = { batch, unpack(redis.call("LRANGE", p .. "batch-record:" .. batch, 0, -1)) }
end
return answer
