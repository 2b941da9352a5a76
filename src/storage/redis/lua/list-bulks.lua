-- Input:  watched (1: those alone); id to begin after, "" for none; limit
-- Output: id, record, phase, reason, stored and watched of each, by id
local key = KEYS[1] .. (ARGV[1] == "1" and "bulks-watched" or "bulks")
local from = ARGV[2] == "" and "-" or "(" .. ARGV[2]
local answer = {}
for _, id in ipairs(redis.call("ZRANGEBYLEX", key, from, "+", "LIMIT", 0, ARGV[3])) do
  local state = redis.call("HMGET", KEYS[1] .. "bulk:" .. id, "record", "phase", "reason", "stored", "watched")
  -- Erased by hand: it must not fail the whole listing.
  if state[1] then
    answer[#answer + 1] = id
    for n = 1, 5 do answer[#answer + 1] = state[n] end
  end
end
return answer
