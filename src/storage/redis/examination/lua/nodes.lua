-- Output: version of the table of nodes; node, record by turns (on shard 0); node, incarnation that may act by turns;
--         node, pulse by turns; 1 when the shard has a clock
-- Why:    a moment of one shard; there are as many nodes as machines
local p = KEYS[1]

local function all(key)
  if redis.call("TYPE", p .. key).ok ~= "hash" then return {} end
  return redis.call("HGETALL", p .. key)
end

local function text(key)
  return redis.call("TYPE", p .. key).ok == "string" and redis.call("GET", p .. key)
end

return { text("nodes:version") or "0", all("nodes"), all("incarnation"), all("pulse"), text("clock") and 1 or 0 }
