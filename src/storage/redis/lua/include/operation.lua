-- Answers already given, by operation id: kept a little longer than the seam promises. What is remembered must hold
-- nothing secret.
local OPERATION_TTL_MS = 11 * 60 * 1000

local function recall(op)
  local answer = redis.call("GET", p .. "op:" .. op)
  return answer and cmsgpack.unpack(answer)
end

local function remember(op, answer, ttl_ms)
  redis.call("SET", p .. "op:" .. op, cmsgpack.pack(answer), "PX", ttl_ms or OPERATION_TTL_MS)
end
