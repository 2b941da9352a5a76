-- Input:  spread (1 when there are other shards); name; incarnation
-- Output: nothing when it holds a started job; else with spread the table of nodes for the other shards: version,
--         msgpack
-- Why:    a drained node takes itself off the list, with its living workers. Dead ones are listed until their
--         retention runs out
local p = KEYS[1]
--- @include node-table

local spread, name, incarnation = ARGV[1] == "1", ARGV[2], ARGV[3]
if holds_started(name) then return {} end
local node = node_of(name)
if node and node[N_INCARNATION] == incarnation then
  redis.call("HDEL", p .. "nodes", name)
  let_nobody_act(name)
  forget_workers(name)
end
write_all()
publish()
if spread then return { decided() } end
return {}
