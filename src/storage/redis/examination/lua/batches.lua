-- Input:  specs ["batches", key], ["batch-record", key, batch]
-- Why:    a batch that was begun is accepted: if its caller does not store it, the next sweep does. See batches.ts
local p = KEYS[1]
--- @include examine

local PATIENCE_MS = 60000
local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function batches(_, page)
  for n = 1, #page, 2 do
    local batch, since = page[n], tonumber(page[n + 1])
    if redis.call("EXISTS", p .. "batch-record:" .. batch) == 0 then name("batch", batch, "begun, without its jobs") end
    if now - since > PATIENCE_MS then
      name("open_batch", batch, "begun " .. shown(math.floor((now - since) / 1000)) .. " s ago, its jobs are not stored")
    end
  end
end

local function record(spec)
  local batch = spec[3]
  if redis.call("EXISTS", p .. spec[2]) == 1 and not redis.call("ZSCORE", p .. "batches", batch) then
    name("batch", batch, "has jobs, not begun")
  end
end

return examine({ batches = { walk = "ZSCAN", at = batches }, ["batch-record"] = { at = record } })
