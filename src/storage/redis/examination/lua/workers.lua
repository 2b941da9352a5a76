-- Input:  specs ["worker", name], ["pin", key, queue], ["listed", key, field, value], ["died", key],
--         ["stopping", key, node]
-- Why:    each worker is where it should be, and nothing else is there. A worker that is gone may have left a job that
--         is started: its lease is not reaped yet
local p = KEYS[1]
--- @include examine

local NEEDED = {
  "node", "incarnation", "kind", "queue", "hostname", "pid", "session", "sessions_opened", "birth_at", "succeeded",
  "failed", "busy_ms",
}

local function worker_of(worker)
  local node, incarnation, kind, queue, host, died_at, stop, job = unpack(redis.call(
    "HMGET", p .. "w:" .. worker, "node", "incarnation", "kind", "queue", "host", "died_at", "stop", "job"
  ))
  return {
    node = node, incarnation = incarnation, kind = kind, queue = queue, host = host, died_at = died_at,
    stop = stop, job = job ~= "" and job,
  }
end

local function is_living(w)
  return w.node and not w.died_at
end

local function check_fields(worker)
  local values = redis.call("HMGET", p .. "w:" .. worker, unpack(NEEDED))
  for n, field in ipairs(NEEDED) do
    if not values[n] then
      name("readable", worker, "w:" .. worker .. " has no " .. field)
      return false
    end
  end
  return true
end

local function check_member(rule, key, member, score)
  local there = redis.call("ZSCORE", p .. key, member)
  if not there then return name(rule, member, "missing in " .. key) end
  check_score(rule, member, key, there, score)
end

local function check_lists(worker, w)
  check_member("listed", "workers", worker, 0)
  for _, field in ipairs({ "node", "queue", "host" }) do
    if w[field] then check_member("listed", "workers:" .. field .. ":" .. w[field], worker, 0) end
  end
end

local function check_node(worker, w)
  local acting = redis.call("HGET", p .. "incarnation", w.node)
  if not acting then return name("acting", worker, "node " .. w.node .. " is not there, or lost") end
  if acting ~= w.incarnation then name("acting", worker, "node " .. w.node .. " has begun anew") end
end

local function check_pin(worker, w)
  local pinned = redis.call("GET", p .. "pin:" .. w.queue)
  if pinned == worker then return end
  local owner = pinned and worker_of(pinned)
  if owner and is_living(owner) and owner.queue == w.queue then
    return name("pinned_worker", w.queue, pinned .. " " .. worker)
  end
  name("pin", w.queue, "of " .. shown(pinned) .. ", its worker is " .. worker)
end

local function check_job(worker, w)
  local job = w.job and read_job(w.job)
  if not w.job or unreadable[w.job] or (is_started(job) and job[WORKER] == worker) then return end
  name("busy", worker, "has " .. w.job .. ", which is " .. (job and job[STATUS] or "gone"))
end

local function look(spec)
  local worker = spec[2]
  if redis.call("EXISTS", p .. "w:" .. worker) == 0 or not check_fields(worker) then return end
  local w = worker_of(worker)
  check_lists(worker, w)
  check_job(worker, w)
  if w.died_at then return check_member("died", "died", worker, tonumber(w.died_at)) end
  check_node(worker, w)
  if w.stop == "1" then check_member("stopping", "stopping:" .. w.node, worker, 0) end
  if w.kind == "pinned" then check_pin(worker, w) end
end

local function pin(spec)
  local queue = spec[3]
  local worker = redis.call("GET", p .. spec[2])
  if not worker then return end
  local w = worker_of(worker)
  if not (is_living(w) and w.kind == "pinned" and w.queue == queue) then
    name("pin", queue, "of " .. worker .. ", which is " .. (not w.node and "gone" or w.died_at and "dead" or "of " .. shown(w.queue)))
  end
end

local function listed(spec, page)
  local key, field, value = spec[2], spec[3], spec[4]
  for n = 1, #page, 2 do
    local there = redis.call("HGET", p .. "w:" .. page[n], field)
    if not there then
      name("listed", page[n], "in " .. key .. ", the worker is gone")
    elseif value and there ~= value then
      name("listed", page[n], "in " .. key .. ", its " .. field .. " is " .. there)
    end
  end
end

-- That its score is right, the worker tells.
local function died(_, page)
  for n = 1, #page, 2 do
    if not redis.call("HGET", p .. "w:" .. page[n], "died_at") then
      name("died", page[n], "in died, the worker is alive or gone")
    end
  end
end

local function stopping(spec, page)
  for n = 1, #page, 2 do
    local w = worker_of(page[n])
    if not (is_living(w) and w.node == spec[3] and w.stop == "1") then
      name("stopping", page[n], "in " .. spec[2] .. ", it is not to be stopped there")
    end
  end
end

return examine({
  worker = { at = look, cost = 5 },
  pin = { at = pin },
  listed = { walk = "ZSCAN", at = listed },
  died = { walk = "ZSCAN", at = died },
  stopping = { walk = "ZSCAN", at = stopping },
})
