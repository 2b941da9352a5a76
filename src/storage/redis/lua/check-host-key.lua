-- Input:  now; device; algorithm; fingerprint; record (1 or 0)
-- Output: "recorded", "same", "changed" or "unknown"
-- Why:    looks and records in one atom: of two first uses at once one decides
local p = KEYS[1]
--- @include now

local device, algorithm, fingerprint, record = unpack(ARGV, 2, 5)
local stored = redis.call("HGET", p .. "hostkeys", device)
if stored then
  local known = cjson.decode(stored)
  return known.algorithm == algorithm and known.fingerprint == fingerprint and "same" or "changed"
end
if record ~= "1" then return "unknown" end
local key = { algorithm = algorithm, fingerprint = fingerprint, first_seen = now_ms(ARGV[1]) }
redis.call("HSET", p .. "hostkeys", device, cjson.encode(key))
return "recorded"
