-- hint(kind, field, ...) notes one hint, once however often it is given; publish() sends all of them. Both need
-- KEYS[1] = the shard's prefix, {netpulse:3}: for the channel netpulse:hints
-- Why: one PUBLISH at the end of a script, when all that the hints speak of is done
local hints, hinted = {}, {}

local function hint(...)
  local line = table.concat({ ... }, "\t")
  if hinted[line] then return end
  hinted[line] = true
  hints[#hints + 1] = line
end

-- A job has come to a status; each script says that once.
local function hint_status(id, status)
  hints[#hints + 1] = "job\t" .. id .. "\t" .. status
end

-- A job of the queue may start, at once or in so many milliseconds.
local function hint_queued(queue, wait)
  if wait > 0 then return hint("queued", queue, string.format("%.0f", wait)) end
  hint("queued", queue)
end

local function publish()
  if #hints == 0 then return end
  redis.call("PUBLISH", string.match(KEYS[1], "^{(.+):%d+}:$") .. ":hints", table.concat(hints, "\n"))
end
