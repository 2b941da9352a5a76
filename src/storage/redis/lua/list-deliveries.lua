-- Input:  how many at most; the job id to go on after, "" to begin; states
-- Output: job id and record of each, by turns, that of the newest job first
-- Why:    a step of each state's list, as many as may be wanted of it
local p = KEYS[1]
local limit, after = tonumber(ARGV[1]), ARGV[2]
local ids, answer = {}, {}
for n = 3, #ARGV do
  local from = after == "" and "+" or "(" .. after
  local found = redis.call("ZREVRANGEBYLEX", p .. "deliveries-in:" .. ARGV[n], from, "-", "LIMIT", 0, limit)
  for _, id in ipairs(found) do ids[#ids + 1] = id end
end
table.sort(ids, function(a, b) return a > b end)
for n = 1, math.min(limit, #ids) do
  local record = redis.call("HGET", p .. "deliveries", ids[n])
  if record then
    answer[#answer + 1] = ids[n]
    answer[#answer + 1] = record
  end
end
return answer
