-- Output: the node of each started job of a pinned queue
-- Why:    there are no more of these than pinned workers
local p = KEYS[1]
--- @include record

local nodes, held = {}, redis.call("HVALS", p .. "held")
for from = 1, #held, 1000 do
  local runs = redis.call("HMGET", p .. "runs", unpack(held, from, math.min(from + 999, #held)))
  for _, packed in ipairs(runs) do
    if packed then nodes[#nodes + 1] = cmsgpack.unpack(packed)[R_NODE] end
  end
end
return nodes
