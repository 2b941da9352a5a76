-- Input:  moment; how many at most
-- Output: how many of the oldest entries were from before it, and are forgotten
-- Why:    a clock that was set back keeps what lies behind
local key = KEYS[1] .. "audit"
local old = {}
for _, found in ipairs(redis.call("XRANGE", key, "-", "+", "COUNT", ARGV[2])) do
  if tonumber(found[2][2]) >= tonumber(ARGV[1]) then break end
  old[#old + 1] = found[1]
end
if #old > 0 then redis.call("XDEL", key, unpack(old)) end
-- An empty stream stays otherwise.
if redis.call("XLEN", key) == 0 then redis.call("DEL", key) end
return #old
