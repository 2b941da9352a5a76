-- Input:  id, what is sealed, what is to take its place, as long; again for more
-- Output: how many were replaced
-- Why:    a job may end, or be settled, meanwhile: compares and replaces in one atom
local p = KEYS[1]

-- Behind its job, or under a key of its own.
local function replace(key, from, to)
  local length = redis.call("STRLEN", key)
  local at = length - #from
  if at < 0 or redis.call("GETRANGE", key, at, -1) ~= from then return 0 end
  redis.call("SETRANGE", key, at, to)
  return 1
end

local count = 0
for n = 1, #ARGV, 3 do
  local id, from, to = ARGV[n], ARGV[n + 1], ARGV[n + 2]
  if #from == #to and replace(p .. "job:" .. id, from, to) + replace(p .. "sealed:" .. id, from, to) > 0 then
    count = count + 1
  end
end
return count
