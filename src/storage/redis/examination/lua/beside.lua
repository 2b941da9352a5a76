-- Input:  specs ["def" | "sealed" | "log", id]
-- Why:    what is kept beside a job's record goes with it, its sealed operation when it ends
local p = KEYS[1]
--- @include examine

local function is_left(kind, id)
  if redis.call("EXISTS", p .. kind .. ":" .. id) == 0 or redis.call("EXISTS", p .. "job:" .. id) == 1 then return false end
  name("left", kind .. " of " .. id, "the job is gone")
  return true
end

local function log(spec)
  is_left("log", spec[2])
end

local function def(spec)
  local id = spec[2]
  local text = redis.call("GET", p .. "def:" .. id)
  if text and not is_left("def", id) and not is_json(text) then name("json", id, "def:" .. id) end
end

local function sealed(spec)
  local id = spec[2]
  if is_left("sealed", id) or redis.call("EXISTS", p .. "sealed:" .. id) == 0 then return end
  local job = read_job(id)
  if job and is_final(job) then name("sealed", id, job[STATUS]) end
end

return examine({ def = { at = def, cost = 2 }, sealed = { at = sealed, cost = 3 }, log = { at = log } })
