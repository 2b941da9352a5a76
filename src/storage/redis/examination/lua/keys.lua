-- Input:  specs ["keys", key], ["key-ids", key]
-- Why:    a key is found by its id, and its name is given once
local p = KEYS[1]
--- @include examine

local function keys(_, page)
  for n = 1, #page, 2 do
    local ok, known = pcall(cjson.decode, page[n + 1])
    if not (ok and type(known) == "table" and known.id and known.hash) then
      name("json", "API key " .. page[n], "what is known of it")
    elseif redis.call("HGET", p .. "key-ids", known.id) ~= page[n] then
      name("key", page[n], "is not found by its id")
    end
  end
end

local function ids(_, page)
  for n = 1, #page, 2 do
    if redis.call("HEXISTS", p .. "keys", page[n + 1]) == 0 then name("key", page[n], "has an id, and is gone") end
  end
end

return examine({ keys = { walk = "HSCAN", at = keys, cost = 2 }, ["key-ids"] = { walk = "HSCAN", at = ids, cost = 2 } })
