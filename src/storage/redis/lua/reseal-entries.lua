-- Input:  name of a hash; field, its value, what is to take its place; again for more
-- Output: how many were replaced
-- Why:    it may be changed or forgotten meanwhile: compares and replaces in one atom
local hash = KEYS[1] .. ARGV[1]
local count = 0
for n = 2, #ARGV, 3 do
  if redis.call("HGET", hash, ARGV[n]) == ARGV[n + 1] then
    redis.call("HSET", hash, ARGV[n], ARGV[n + 2])
    count = count + 1
  end
end
return count
