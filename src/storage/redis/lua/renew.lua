-- Input:  now; beat as msgpack: see heartbeat.lua
-- Output: as in include/renew.lua
-- Why:    a heartbeat on another shard than 0, once that one has said that the node is alive
local p = KEYS[1]
--- @include now
--- @include renew

return beat_here(cmsgpack.unpack(ARGV[2]), now_ms(ARGV[1]))
