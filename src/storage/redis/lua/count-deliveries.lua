-- Input:  nothing
-- Output: how many are pending and dead; when the first is due, "" when none is
local p = KEYS[1]
local first = redis.call("ZRANGE", p .. "deliveries-targets", 0, 0, "WITHSCORES")
return {
  redis.call("ZCARD", p .. "deliveries-in:pending"),
  redis.call("ZCARD", p .. "deliveries-in:dead"),
  first[2] or "",
}
