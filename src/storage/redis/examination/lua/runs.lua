-- Input:  specs ["runs", "runs"], ["held", "held"]
-- Why:    a run is a lease that the reaper watches, and a held queue yields nothing: neither may outlive its job's run
local p = KEYS[1]
--- @include examine

local function runs(_, page)
  for n = 1, #page, 2 do
    local id = page[n]
    local job = read_job(id)
    if not is_started(job) and not unreadable[id] then
      name("run", id, "has a run, its job is " .. (job and job[STATUS] or "gone"))
    end
  end
end

local function held(_, page)
  for n = 1, #page, 2 do
    local queue, id = page[n], page[n + 1]
    local job = read_job(id)
    if not unreadable[id] and not (is_started(job) and job[QUEUE] == queue) then
      name("held", queue, "held by " .. id .. ", which is " .. (job and job[STATUS] .. " in " .. job[QUEUE] or "gone"))
    end
  end
end

return examine({ runs = { walk = "HSCAN", at = runs }, held = { walk = "HSCAN", at = held } })
