-- Input:  now
-- Output: for each node that is not lost its name, how long it has been silent, in ms, and its words as JSON
-- Why:    shard 0 hears every heartbeat
local p = KEYS[1]
--- @include now
--- @include nodes

local now, answer = now_ms(ARGV[1]), {}
local stored = redis.call("HGETALL", p .. "pulse")
for n = 1, #stored, 2 do
  local pulse = cmsgpack.unpack(stored[n + 1])
  answer[#answer + 1] = { stored[n], math.max(0, now - pulse[P_HEARD]), pulse[P_MEMORY] }
end
return answer
