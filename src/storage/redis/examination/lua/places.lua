-- Input:  specs ["ids", key, block]
-- Why:    a list finds a block by its first seq, and the place in it by the seqs of its jobs
local p = KEYS[1]
--- @include examine

local STRIDE = 256

local function check_first(key, block)
  local first = redis.call("LINDEX", p .. key, 1)
  if not first then return end
  local listed = redis.call("ZSCORE", p .. "blocks", member_of(block))
  if not listed then return name("blocks", key, "its block is not in blocks") end
  check_score("blocks", key, "blocks", listed, tonumber(first))
end

local function look(spec, from)
  local key = spec[2]
  if from == 0 then check_first(key, spec[3]) end
  local slice = redis.call("LRANGE", p .. key, 2 * from, 2 * (from + STRIDE) + 1)
  for n = 4, #slice, 2 do
    if not (tonumber(slice[n]) and tonumber(slice[n - 2]) and tonumber(slice[n]) > tonumber(slice[n - 2])) then
      name("blocks", key, "the seq " .. slice[n] .. " comes behind " .. slice[n - 2])
    end
  end
  local size = redis.call("LLEN", p .. key) / 2
  if size % 1 ~= 0 or size > BLOCK then name("blocks", key, "has " .. shown(2 * size) .. " entries") end
  local next_page = from + STRIDE
  return next_page >= size and 0 or next_page, 1 + #slice / 4
end

return examine({ ids = { pages = true, at = look } })
