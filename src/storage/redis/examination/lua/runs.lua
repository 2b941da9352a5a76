-- Input:  specs ["runs", "runs"], ["held", "held"]
-- Why:    a run is a lease that the reaper watches, and a held queue yields nothing: neither may outlive its job's run
local p = KEYS[1]
--- @include examine

-- Of the jobs that a page names: every second entry from the one given.
local function read_from(page, first)
  local ids = {}
  for n = first, #page, 2 do ids[#ids + 1] = page[n] end
  read_jobs(ids)
end

local function runs(_, page)
  read_from(page, 1)
  for n = 1, #page, 2 do
    local id = page[n]
    local job = jobs[id]
    if not is_started(job) and not unreadable[id] then
      name("run", id, "has a run, its job is " .. (job and job[STATUS] or "gone"))
    end
  end
end

local function held(_, page)
  read_from(page, 2)
  for n = 1, #page, 2 do
    local queue, id = page[n], page[n + 1]
    local job = jobs[id]
    if not unreadable[id] and not (is_started(job) and job[QUEUE] == queue) then
      name("held", queue, "held by " .. id .. ", which is " .. (job and job[STATUS] .. " in " .. job[QUEUE] or "gone"))
    end
  end
end

return examine({ runs = { walk = "HSCAN", at = runs }, held = { walk = "HSCAN", at = held } })
