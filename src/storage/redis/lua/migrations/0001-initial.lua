-- Input:  number of shards
-- Output: a shard that has no clock has one: last seq and ordinal, then the range of created_at of the block being filled
-- Why:    all else comes with what is stored
redis.call("SET", KEYS[1] .. "clock", cmsgpack.pack({ 0, -1, -1, -1 }), "NX")
-- Which table of nodes it has of shard 0's; where that is the only shard, nobody asks.
if ARGV[1] ~= "1" then redis.call("SET", KEYS[1] .. "nodes:version", 0, "NX") end
return 1
