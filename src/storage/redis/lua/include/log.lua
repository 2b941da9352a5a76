-- The output log of a job: one string. The caller has checked the run's token. "gap": it ends before `offset`, so
-- nothing was written; what overlaps stays as it is, and only the rest is added.
local function append_log(id, offset, bytes)
  if #bytes == 0 and offset == 0 then return "ok" end
  local key = p .. "log:" .. id
  local size = redis.call("STRLEN", key)
  if offset > size then return "gap" end
  if offset + #bytes <= size then return #bytes == 0 and "ok" or "already" end
  redis.call("APPEND", key, string.sub(bytes, size - offset + 1))
  return "ok"
end
