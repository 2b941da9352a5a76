-- Input:  id; phases it may be in, as JSON; then field and value of what changes, by turns
-- Output: record, phase, reason, stored and watched as they are then; nothing when it is in none of the phases
-- Why:    guarded by the phase it leaves
local key = KEYS[1] .. "bulk:" .. ARGV[1]
local phase = redis.call("HGET", key, "phase")
local may = false
for _, each in ipairs(cjson.decode(ARGV[2])) do may = may or each == phase end
if not may then return {} end
redis.call("HSET", key, unpack(ARGV, 3))
local state = redis.call("HMGET", key, "record", "phase", "reason", "stored", "watched")
if state[5] == "1" then
  redis.call("ZADD", KEYS[1] .. "bulks-watched", 0, ARGV[1])
else
  redis.call("ZREM", KEYS[1] .. "bulks-watched", ARGV[1])
end
return state
