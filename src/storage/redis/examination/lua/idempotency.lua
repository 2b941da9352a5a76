-- Input:  specs ["idem", key, scope and key of the request]
-- Told:   scope and key, id for each job that it stands for
-- Why:    the jobs may be on any shard: whether they are there, keyed-jobs.lua tells
local p = KEYS[1]
--- @include examine

local function look(spec, page)
  if #page > 0 and redis.call("HEXISTS", p .. spec[2], "") == 0 then name("idem", spec[3], "has no fingerprint") end
  if #page == 2 and page[1] == "" then name("idem", spec[3], "stands for no job") end
  for n = 1, #page, 2 do
    if page[n] ~= "" then
      told[#told + 1] = spec[3]
      told[#told + 1] = page[n]
    end
  end
end

return examine({ idem = { walk = "HSCAN", at = look } })
