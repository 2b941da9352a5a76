-- Input:  cursor of HSCAN, "0" to begin
-- Output: the next cursor, "0" when all were seen; then records
-- Why:    some hundred at a time, so that nobody waits for a long list
local found = redis.call("HSCAN", KEYS[1] .. "secrets", ARGV[1], "COUNT", 200)
local answer = { found[1] }
for n = 2, #found[2], 2 do answer[#answer + 1] = found[2][n] end
return answer
