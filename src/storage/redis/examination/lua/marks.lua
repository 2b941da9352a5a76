-- Input:  specs ["marks", key, block, kind, value, status], ["counts", "counts"]; status is false where any will do
-- Why:    nothing is in an index that does not belong there; that what belongs there is there, each job tells
local p = KEYS[1]
--- @include examine

-- Bits looked at in one step.
local STRIDE = 256
local FIELDS = {
  status = STATUS, queue = QUEUE, host = HOST, driver = DRIVER, batch = BATCH, node = NODE, worker = WORKER,
}

-- Most bytes are empty: where a value is rare, all but one.
local function ordinals_within(key, block, from)
  local bytes = redis.call("GETRANGE", p .. key, from / 8, (from + STRIDE) / 8 - 1)
  local ordinals, byte = {}, string.find(bytes, "[^%z]")
  while byte do
    local bits = string.byte(bytes, byte)
    for k = 0, 7 do
      if bit.band(bits, bit.lshift(1, 7 - k)) ~= 0 then
        ordinals[#ordinals + 1] = text_of(block * BLOCK + from + 8 * (byte - 1) + k)
      end
    end
    byte = string.find(bytes, "[^%z]", byte + 1)
  end
  return ordinals
end

-- Many in a row are read at once.
local function ids_within(block, from, ordinals)
  if #ordinals < 16 then return ids_of(ordinals) end
  local slice = redis.call("LRANGE", p .. "ids:" .. text_of(block), 2 * from, 2 * (from + STRIDE) - 1)
  local ids = {}
  for n, ordinal in ipairs(ordinals) do ids[n] = slice[2 * (ordinal - block * BLOCK - from) + 1] or "" end
  return ids
end

local function check(spec, id, ordinal)
  local key, kind, value = spec[2], spec[4], spec[5]
  local rule = kind == "status" and "status" or "index"
  local job = jobs[id]
  if unreadable[id] then return end
  if not job then return name(rule, id ~= "" and id or "ordinal " .. ordinal, "in " .. key .. ", the job is gone") end
  local field = FIELDS[kind]
  if field and job[field] ~= value then
    name(rule, id, "in " .. key .. ", its " .. kind .. " is " .. shown(job[field]))
  elseif spec[6] and job[STATUS] ~= spec[6] then
    name(rule, id, "in " .. key .. ", its status is " .. shown(job[STATUS]))
  end
end

local function look(spec, from)
  local ordinals = ordinals_within(spec[2], spec[3], from)
  local ids = ids_within(spec[3], from, ordinals)
  read_jobs(ids)
  for n, id in ipairs(ids) do check(spec, id, ordinals[n]) end
  local next_page = from + STRIDE
  local is_over = next_page >= BLOCK or next_page >= 8 * redis.call("STRLEN", p .. spec[2])
  return is_over and 0 or next_page, 1 + 2 * #ids
end

local STATUSES = { "queued", "started", "finished", "failed", "cancelled" }

-- All of it in one step: half a microsecond for a thousand jobs.
local function counts()
  local blocks = redis.call("ZRANGE", p .. "blocks", 0, -1)
  for _, status in ipairs(STATUSES) do
    local marked = 0
    for _, block in ipairs(blocks) do
      marked = marked + redis.call("BITCOUNT", marks_key(tonumber(block), "status:" .. status))
    end
    local counted = tonumber(redis.call("HGET", p .. "counts", status) or 0)
    if counted ~= marked then name("counts", status, shown(counted) .. " counted, " .. shown(marked) .. " marked") end
  end
end

return examine({ marks = { pages = true, at = look }, counts = { at = counts, cost = 100 } })
