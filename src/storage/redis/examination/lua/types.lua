-- Input:  keys, without the prefix
-- Output: type, time left in ms (-1 when it stays, -2 when it is gone) by turns
-- Why:    what is asked of a key by a command for another type fails
local answer = {}
for _, key in ipairs(ARGV) do
  answer[#answer + 1] = redis.call("TYPE", KEYS[1] .. key).ok
  answer[#answer + 1] = redis.call("PTTL", KEYS[1] .. key)
end
return answer
