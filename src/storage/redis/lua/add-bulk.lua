-- Input:  id; record; phase; reason; stored (1 or 0); watched (1 or 0)
-- Output: 1 when it is new, 0 when it was there; then record, phase, reason, stored and watched of the one that is
-- Why:    looks and stores in one atom: of two submissions under one key one decides
local key = KEYS[1] .. "bulk:" .. ARGV[1]
local added = redis.call("HSETNX", key, "record", ARGV[2])
if added == 1 then
  redis.call("HSET", key, "phase", ARGV[3], "reason", ARGV[4], "stored", ARGV[5], "watched", ARGV[6])
  redis.call("ZADD", KEYS[1] .. "bulks", 0, ARGV[1])
  if ARGV[6] == "1" then redis.call("ZADD", KEYS[1] .. "bulks-watched", 0, ARGV[1]) end
end
return { added, unpack(redis.call("HMGET", key, "record", "phase", "reason", "stored", "watched")) }
