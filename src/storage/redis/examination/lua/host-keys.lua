-- Input:  specs ["hostkeys", key]
-- Told:   one entry for each
local p = KEYS[1]
--- @include examine

local function look(_, page)
  for n = 1, #page, 2 do
    told[#told + 1] = 1
    local ok, known = pcall(cjson.decode, page[n + 1])
    if not (ok and type(known) == "table" and known.algorithm and known.fingerprint) then
      name("json", "host key of " .. page[n], "what is known of it")
    end
  end
end

return examine({ hostkeys = { walk = "HSCAN", at = look, cost = 2 } })
