--- @include workers
-- Walks the workers that match a filter {name, queue, node, host, status} (false does not narrow) by name, a stride in
-- one call: each(name, fields) for those that match, until it answers false. Output: the name to go on after, "" at
-- the end.
local STRIDE = 250

local function status_of(w)
  if w[W_DIED_AT] then return "dead" end
  if w[W_JOB] then return "busy" end
  return w[W_SUSPENDED] == "1" and "suspended" or "idle"
end

local function matches(w, filter)
  return w[W_NODE]
    and (not filter[2] or w[W_QUEUE] == filter[2])
    and (not filter[3] or w[W_NODE] == filter[3])
    and (not filter[4] or w[W_HOST] == filter[4])
    and (not filter[5] or status_of(w) == filter[5])
end

-- The shortest list that has all that match.
local function shortest_index(filter)
  local best, least = "workers", math.huge
  for n, kind in ipairs({ "", "queue", "node", "host" }) do
    local key = n > 1 and filter[n] and "workers:" .. kind .. ":" .. filter[n]
    local length = key and redis.call("ZCARD", p .. key) or math.huge
    if length < least then best, least = key, length end
  end
  return best
end

local function names_after(filter, after)
  if filter[1] then return filter[1] > after and { filter[1] } or {} end
  local from = after == "" and "-" or "(" .. after
  return redis.call("ZRANGE", p .. shortest_index(filter), from, "+", "BYLEX", "LIMIT", 0, STRIDE)
end

local function select_workers(filter, after, each)
  local names = names_after(filter, after)
  for _, name in ipairs(names) do
    local w = worker_fields(name)
    if matches(w, filter) and each(name, w) == false then return name end
  end
  return #names == STRIDE and names[#names] or ""
end
