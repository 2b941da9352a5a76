-- Input:  specs ["deliveries", key], ["deliveries-sealed", key], ["deliveries-in", key, state], ["deliveries-due", key,
--         target], ["deliveries-targets", key]
-- Why:    a job's delivery follows from its end, and lists of deliveries from them
local p = KEYS[1]
--- @include examine
--- @include hints
--- @include deliveries

local function known(id)
  local ok, delivery = pcall(delivery_of, id)
  return ok and type(delivery) == "table" and delivery or nil
end

local function check_listed(id, delivery)
  if not redis.call("ZSCORE", p .. "deliveries-in:" .. delivery[D_STATE], id) then
    name("delivery_listed", id, "missing among those that are " .. delivery[D_STATE])
  end
  local due = redis.call("ZSCORE", p .. "deliveries-due:" .. delivery[D_TARGET], id)
  if (delivery[D_STATE] == "pending") ~= (due and true or false) or tonumber(due) ~= (delivery[D_DUE_AT] or nil) then
    name("delivery_due", id, delivery[D_STATE] .. ", due at " .. shown(due))
  end
end

local function check_sealed(id, delivery)
  local there = redis.call("HEXISTS", p .. "deliveries-sealed", id) == 1
  if (delivery[D_STATE] == "delivered") == there then
    name("delivery_sealed", id, shown(delivery[D_STATE]) .. (there and ", and it is kept" or ", and it is gone"))
  end
end

local function check_record(id)
  local delivery, job = known(id), jobs[id]
  if not delivery then return name("readable", "delivery of " .. id, "is no record") end
  if not job then
    if not unreadable[id] then name("left", "delivery of " .. id, "the job is gone") end
    return
  end
  local ended = is_final(job) and job[STATUS]
  if delivery[D_STATUS] ~= ended or (delivery[D_STATE] and true or false) ~= (ended and true or false) then
    name("delivery", id, job[STATUS] .. ", told as " .. shown(delivery[D_STATUS]))
  end
  if delivery[D_STATE] then check_listed(id, delivery) end
  check_sealed(id, delivery)
end

local function records(_, page)
  local ids = {}
  for n = 1, #page, 2 do ids[#ids + 1] = page[n] end
  read_jobs(ids)
  for _, id in ipairs(ids) do check_record(id) end
end

local function sealed(_, page)
  for n = 1, #page, 2 do
    if not known(page[n]) then name("left", "webhook of " .. page[n], "there is no such delivery") end
  end
end

local function in_state(spec, page)
  for n = 1, #page, 2 do
    local delivery = known(page[n])
    if not delivery or delivery[D_STATE] ~= spec[3] then
      name("delivery_listed", page[n], "in " .. spec[2] .. ", it is " .. shown(delivery and delivery[D_STATE]))
    end
  end
end

local function due(spec, page)
  if #page > 0 and not redis.call("ZSCORE", p .. "deliveries-targets", spec[3]) then
    name("delivery_target", spec[3], "has deliveries and is not listed")
  end
  for n = 1, #page, 2 do
    local delivery = known(page[n])
    if not delivery or delivery[D_STATE] ~= "pending" or delivery[D_TARGET] ~= spec[3] then
      name("delivery_due", page[n], "in " .. spec[2] .. ", it is " .. shown(delivery and delivery[D_STATE]))
    end
  end
end

local function targets(_, page)
  for n = 1, #page, 2 do
    local first = redis.call("ZRANGE", p .. "deliveries-due:" .. page[n], 0, 0, "WITHSCORES")[2]
    if tonumber(first) ~= tonumber(page[n + 1]) then
      name("delivery_target", page[n], "listed at " .. page[n + 1] .. ", its first is due at " .. shown(first))
    end
  end
end

return examine({
  deliveries = { walk = "HSCAN", at = records, cost = 4 },
  ["deliveries-sealed"] = { walk = "HSCAN", at = sealed },
  ["deliveries-in"] = { walk = "ZSCAN", at = in_state },
  ["deliveries-due"] = { walk = "ZSCAN", at = due },
  ["deliveries-targets"] = { walk = "ZSCAN", at = targets },
})
