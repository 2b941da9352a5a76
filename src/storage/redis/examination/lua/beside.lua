-- Input:  specs ["def" | "sealed" | "log", id]
-- Why:    what is kept beside a job's record goes with it, its sealed operation when it ends
local p = KEYS[1]
--- @include examine

local ids = { def = {}, sealed = {}, log = {} }
local function note(spec)
  table.insert(ids[spec[1]], spec[2])
end

local function check_left(kind)
  for _, id in ipairs(missing_of("job:", ids[kind])) do
    if redis.call("EXISTS", p .. kind .. ":" .. id) == 1 then name("left", kind .. " of " .. id, "the job is gone") end
  end
end

local function check_defs()
  each_value("def:", ids.def, function(id, text)
    if text and not is_json(text) then name("json", id, "def:" .. id) end
  end)
end

local function check_sealed()
  each_value("job:", ids.sealed, function(id, packed)
    local job = packed and head_of(packed, STATUS)
    if job and is_final(job) and redis.call("EXISTS", p .. "sealed:" .. id) == 1 then name("sealed", id, job[STATUS]) end
  end)
end

local answer = examine({ def = { at = note, cost = 2 }, sealed = { at = note, cost = 2 }, log = { at = note } })
for kind in pairs(ids) do check_left(kind) end
check_defs()
check_sealed()
return answer
