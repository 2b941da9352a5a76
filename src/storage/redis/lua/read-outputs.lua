-- Input:  id, how much of its log, by turns
-- Output: the beginning of each log, empty where there is none
-- Why:    a log may be larger than what is wanted of it
local p = KEYS[1]
local logs = {}
for n = 1, #ARGV, 2 do
  logs[#logs + 1] = redis.call("GETRANGE", p .. "log:" .. ARGV[n], 0, tonumber(ARGV[n + 1]) - 1)
end
return logs
