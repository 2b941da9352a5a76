-- The jobs stored under an idempotency key, [id, order] each, and the fingerprint of their request.
local function ids_of_key(key)
  local stored = redis.call("HGETALL", p .. "idem:" .. key)
  local ids, fingerprint = {}, false
  for n = 1, #stored, 2 do
    if stored[n] == "" then fingerprint = stored[n + 1] else ids[#ids + 1] = { stored[n], tonumber(stored[n + 1]) } end
  end
  table.sort(ids, function(a, b) return a[2] < b[2] end)
  return ids, fingerprint
end

local function any_of(ids, mine)
  for _, entry in ipairs(ids) do
    if mine[entry[1]] then return true end
  end
  return false
end

-- A key goes with the last of its jobs.
local function forget_key(id, key)
  key = p .. "idem:" .. key
  redis.call("HDEL", key, id)
  if redis.call("HLEN", key) == 1 then redis.call("DEL", key) end
end
