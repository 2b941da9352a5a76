-- Input:  name of a hash; cursor of HSCAN, "0" to begin; how many, or so
-- Output: the next cursor, "0" when all were seen; then field and value, in turn
local found = redis.call("HSCAN", KEYS[1] .. ARGV[1], ARGV[2], "COUNT", ARGV[3])
local answer = { found[1] }
for n = 1, #found[2] do answer[n + 1] = found[2][n] end
return answer
