-- Input:  now; beat as msgpack: see include/renew.lua
-- Output: what `beat_here` answers
-- Why:    the rest of a heartbeat, once shard 0 has said that the node is alive: other shards, and many runs
local p = KEYS[1]
--- @include now
--- @include renew

return beat_here(cmsgpack.unpack(ARGV[2]), now_ms(ARGV[1]))
