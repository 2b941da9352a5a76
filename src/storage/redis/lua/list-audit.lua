-- Input:  id before which to begin, "" for the newest; how many
-- Output: id, moment and entry of each, newest first
local from = ARGV[1] == "" and "+" or "(" .. ARGV[1]
local answer = {}
for _, found in ipairs(redis.call("XREVRANGE", KEYS[1] .. "audit", from, "-", "COUNT", ARGV[2])) do
  answer[#answer + 1] = found[1]
  answer[#answer + 1] = found[2][2]
  answer[#answer + 1] = found[2][4]
end
return answer
