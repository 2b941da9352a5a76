-- Input:  max, id…
-- Output: the beginning of each log, empty where there is none
-- Why:    a log may be larger than what is wanted of it
local p = KEYS[1]
local max = tonumber(ARGV[1])
local logs = {}
for n = 2, #ARGV do logs[n - 1] = redis.call("GETRANGE", p .. "log:" .. ARGV[n], 0, max - 1) end
return logs
