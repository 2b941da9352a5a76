-- Input:  id, idempotency key, id, idempotency key …
-- Why:    before jobs of other shards are forgotten: a key never outlives its job
local p = KEYS[1]
--- @include keys
for n = 1, #ARGV, 2 do forget_key(ARGV[n], ARGV[n + 1]) end
return 1
