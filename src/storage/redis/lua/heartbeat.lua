-- Input:  now; beat as msgpack: see include/renew.lua
-- Output: nothing when this incarnation was declared lost; else what `beat_here` answers
-- Why:    proves the node alive on shard 0, and does there what each shard does
local p = KEYS[1]
--- @include now
--- @include node-table
--- @include renew

local now, beat = now_ms(ARGV[1]), cmsgpack.unpack(ARGV[2])
local name, incarnation = beat[1], beat[2]
local node = node_of(name)
if not node or node[N_INCARNATION] ~= incarnation or node[N_LOST] == 1 then return {} end
node[N_BEAT], node[N_HEARD] = node[N_BEAT] + 1, now
store_node(name, node)
return beat_here(beat, now)
