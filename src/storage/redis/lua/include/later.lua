--- @include record
--- @include marks
-- Writes that nothing in this call reads again are gathered and sent together: one command for a hundred jobs
-- costs a tenth of a hundred commands.
local added, removed, doomed, touched = {}, {}, {}, {}

local function gathered(where, key)
  local list = where[key]
  if not list then
    list = {}
    where[key] = list
  end
  return list
end

-- A score is given as text where it is known as text: Redis formats a number anew each time.
local function zadd_later(key, score, member)
  local list = gathered(added, key)
  list[#list + 1] = score
  list[#list + 1] = member
end

local function zrem_later(key, member)
  local list = gathered(removed, key)
  list[#list + 1] = member
end

local function del_later(key)
  doomed[#doomed + 1] = p .. key
end

-- Lua's stack holds some 8,000 values, so long commands go in parts. 1,000 is even, as pairs need.
local function in_parts(command, key, list)
  for from = 1, #list, 1000 do
    redis.call(command, key, unpack(list, from, math.min(from + 999, #list)))
  end
end

-- Jobs as they were stored, by id.
local stored = {}

local function store_changed()
  local fields = {}
  for id in pairs(changed) do
    stored[id] = packed_job(jobs[id])
    fields[#fields + 1] = p .. "job:" .. id
    fields[#fields + 1] = stored[id]
    if #fields >= 1000 then
      redis.call("MSET", unpack(fields))
      fields = {}
    end
  end
  if #fields > 0 then redis.call("MSET", unpack(fields)) end
end

-- `queues` lists the queues that have queued jobs.
local function settle_queues()
  for queue in pairs(touched) do
    local left = redis.call("EXISTS", p .. "waiting:" .. queue)
    redis.call(left == 1 and "ZADD" or "ZREM", p .. "queues", unpack(left == 1 and { 0, queue } or { queue }))
  end
end

local function write_all()
  store_changed()
  write_marks()
  for key, list in pairs(removed) do in_parts("ZREM", p .. key, list) end
  for key, list in pairs(added) do in_parts("ZADD", p .. key, list) end
  for from = 1, #doomed, 1000 do
    redis.call("DEL", unpack(doomed, from, math.min(from + 999, #doomed)))
  end
  settle_queues()
end
