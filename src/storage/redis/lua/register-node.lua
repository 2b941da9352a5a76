-- Input:  now; spread (1 when there are other shards); node as msgpack: [name, incarnation, hostname, pid, capacity,
--         sites]
-- Output: with spread, the table of nodes for the other shards: version, msgpack
-- Why:    an older incarnation of the name is lost from here on. A repeat changes nothing here, and gives the table
--         again: the first call may have stopped before the other shards had it
local p = KEYS[1]
--- @include now
--- @include node-table

local now, spread = now_ms(ARGV[1]), ARGV[2] == "1"
local name, incarnation, hostname, pid, capacity, sites = unpack(cmsgpack.unpack(ARGV[3]))

local function announce(known)
  if known then bury_workers(name, false, known[N_HEARD], now) end
  -- The beat goes on: a watcher of the older incarnation never mistakes this one for it.
  local beat = known and known[N_BEAT] + 1 or 1
  local before = known and known[N_HEARD] or now
  store_node(name, { incarnation, hostname, pid, capacity, beat, now, 0, before, sites })
  let_act(name, incarnation, now)
end

local known = node_of(name)
if not known or known[N_INCARNATION] ~= incarnation then announce(known) end
write_all()
publish()
if spread then return { decided() } end
return {}
