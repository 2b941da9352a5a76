-- Input:  cursor of HSCAN, "0" to begin
-- Output: the next cursor, "0" when all were seen; then name and record, in turn
-- Why:    a thousand at a time, so that nobody waits for a long list
local found = redis.call("HSCAN", KEYS[1] .. "keys", ARGV[1], "COUNT", 1000)
local answer = { found[1] }
for n = 1, #found[2] do answer[n + 1] = found[2][n] end
return answer
