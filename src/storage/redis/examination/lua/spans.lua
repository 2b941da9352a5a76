-- Input:  specs ["spans", "spans:max" | "spans:min", the other one]
-- Why:    lists find a range of created_at by two look-ups, which only works while both grow with the block. See
--         include/seq.lua
local p = KEYS[1]
--- @include examine

local function look(spec, page)
  local key, other = spec[2], spec[3]
  for n = 1, #page, 2 do
    local block = page[n]
    local rank = redis.call("ZRANK", p .. key, block)
    local before = rank > 0 and redis.call("ZRANGE", p .. key, rank - 1, rank - 1)[1]
    if not tonumber(block) then
      name("spans", key, "has " .. block)
    elseif before and tonumber(before) and tonumber(before) >= tonumber(block) then
      name("spans", key, "block " .. before .. " comes before " .. block)
    end
    if not redis.call("ZSCORE", p .. other, block) then name("spans", other, "block " .. block .. " is missing") end
  end
end

return examine({ spans = { walk = "ZSCAN", at = look, cost = 3 } })
