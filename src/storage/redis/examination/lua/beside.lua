-- Input:  specs ["sealed" | "log", id]
-- Why:    what is kept beside a job goes with it, its sealed operation when it ends
local p = KEYS[1]
--- @include examine

local ids = { sealed = {}, log = {} }
local function note(spec)
  table.insert(ids[spec[1]], spec[2])
end

local function check_left(kind)
  for _, id in ipairs(missing_of("job:", ids[kind])) do
    if redis.call("EXISTS", p .. kind .. ":" .. id) == 1 then name("left", kind .. " of " .. id, "the job is gone") end
  end
end

local function check_sealed()
  read_jobs(ids.sealed)
  for _, id in ipairs(ids.sealed) do
    local job = jobs[id]
    if job and (is_final(job) or job[BEHIND] > 0) and redis.call("EXISTS", p .. "sealed:" .. id) == 1 then
      name("sealed", id, job[STATUS] .. ", sealed:" .. id .. " is too much")
    end
  end
end

local answer = examine({ sealed = { at = note, cost = 2 }, log = { at = note } })
for kind in pairs(ids) do check_left(kind) end
check_sealed()
return answer
