-- Output: a shard that has no clock has one: last seq, then the block of seq being filled and its range of created_at
-- Why:    all else comes with what is stored
redis.call("SET", KEYS[1] .. "clock", cmsgpack.pack({ 0, -1, -1, -1 }), "NX")
return 1
