-- Input:  now; spread (1 when there are other shards); name; incarnation; beat
-- Output: "lost" or "alive"; with spread and when lost, the table of nodes for the other shards: version, msgpack
-- Why:    guarded by incarnation and beat: whoever has beaten meanwhile is alive, and a newer incarnation is another
local p = KEYS[1]
--- @include now
--- @include node-table

local now, spread = now_ms(ARGV[1]), ARGV[2] == "1"
local name, incarnation, beat = ARGV[3], ARGV[4], tonumber(ARGV[5])

local function lose(node)
  node[N_LOST] = 1
  store_node(name, node)
  let_nobody_act(name)
  bury_workers(name, false, node[N_HEARD], now)
end

local node = node_of(name)
if node and node[N_INCARNATION] == incarnation and node[N_LOST] == 0 then
  if node[N_BEAT] ~= beat then return { "alive" } end
  lose(node)
end
write_all()
publish()
if spread then return { "lost", decided() } end
return { "lost" }
