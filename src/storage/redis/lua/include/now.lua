-- Input:  given: milliseconds since the Unix epoch as digits, "" outside tests
-- Output: the time to go by, in milliseconds: the server's own when none is given
-- Why:    one clock for all hosts
local function now_ms(given)
  if given ~= "" then return tonumber(given) end
  local time = redis.call("TIME")
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
