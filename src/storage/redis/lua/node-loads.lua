-- Input:  now
-- Output: for each node that is not lost its name, capacity, how long it has been silent, in ms, and its sites as JSON, ""
--         where it has not told them
-- Why:    shard 0 knows which nodes are alive; silence is told by its clock
local p = KEYS[1]
--- @include now
--- @include node-table

local now, answer = now_ms(ARGV[1]), {}
local stored = redis.call("HGETALL", p .. "nodes")
for n = 1, #stored, 2 do
  local node = cmsgpack.unpack(stored[n + 1])
  if node[N_LOST] ~= 1 then
    answer[#answer + 1] = { stored[n], node[N_CAPACITY], math.max(0, now - node[N_HEARD]), node[N_SITES] or "" }
  end
end
return answer
