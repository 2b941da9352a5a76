-- Input:  specs ["queues", key], ["waiting", key, queue], ["levels", key, queue], ["ticks", key, queue],
--         ["lanes", key, queue, priority], ["firsts", key, queue, priority], ["ready", key, queue, priority, lane]
-- Why:    a claim sees what is listed, nothing else: a lane that is not would never have its turn, and one that is
--         listed without jobs would be an endless turn. See include/lanes.lua
local p = KEYS[1]
--- @include examine
--- @include lanes

local function level_words(queue, priority)
  return queue .. " at " .. priority
end

local function lane_words(queue, priority, lane)
  return level_words(queue, priority) .. ", lane " .. lane
end

local function exists(key)
  return redis.call("EXISTS", p .. key) == 1
end

local function queues(_, page)
  for n = 1, #page, 2 do
    if not exists("waiting:" .. page[n]) then name("queues", page[n], "listed, without queued jobs") end
  end
end

local function waiting(spec)
  local listed = redis.call("ZSCORE", p .. "queues", spec[3])
  if not listed and exists(spec[2]) then return name("queues", spec[3], "not listed, with queued jobs") end
  if listed then check_score("queues", spec[3], "queues", listed, 0) end
end

local function levels(spec, page)
  local queue = spec[3]
  for n = 1, #page, 2 do
    local priority = page[n]
    if not exists("lanes:" .. priority .. ":" .. queue) then
      name("no_level", level_words(queue, priority), "listed, without ready lanes")
    end
    check_score("level", level_words(queue, priority), spec[2], page[n + 1], -tonumber(priority))
  end
end

local function ticks(spec, page)
  local queue = spec[3]
  for n = 1, #page, 2 do
    if not redis.call("ZSCORE", p .. "levels:" .. queue, page[n]) then
      name("no_level", level_words(queue, page[n]), "has claims, without ready lanes")
    end
  end
end

local function lanes(spec, page)
  local queue, priority = spec[3], spec[4]
  local level = level_of(queue, priority)
  local tick = tonumber(redis.call("HGET", p .. "ticks:" .. queue, priority) or 0)
  for n = 1, #page, 2 do
    local first, lane, score = string.sub(page[n], 1, 16), string.sub(page[n], 17), tonumber(page[n + 1])
    local words = lane_words(queue, priority, lane)
    if redis.call("EXISTS", ready_key(queue, priority, lane)) == 0 then
      name("no_lane", words, "listed, without ready jobs")
    elseif redis.call("HGET", p .. "firsts:" .. level, lane) ~= first then
      name("lane", words, "listed by another first job than firsts:" .. level .. " has")
    end
    if score < -1 or score > 2 * tick then
      name("turn", words, "served at " .. shown(score) .. ", " .. shown(tick) .. " claims so far")
    end
  end
end

local function firsts(spec, page)
  local queue, priority = spec[3], spec[4]
  local level = level_of(queue, priority)
  for n = 1, #page, 2 do
    if not redis.call("ZSCORE", p .. "lanes:" .. level, page[n + 1] .. page[n]) then
      name("no_lane", lane_words(queue, priority, page[n]), "has a first job, not listed")
    end
  end
end

local function ready(spec)
  local key, queue, priority, lane = unpack(spec, 2, 5)
  if not exists(key) then return end
  local level, words = level_of(queue, priority), lane_words(queue, priority, lane)
  local first = redis.call("HGET", p .. "firsts:" .. level, lane)
  if not first then return name("lane", words, "missing in firsts:" .. level) end
  if not redis.call("ZSCORE", p .. "lanes:" .. level, first .. lane) then
    name("lane", words, "missing in lanes:" .. level)
  end
  if not redis.call("ZSCORE", p .. "levels:" .. queue, priority) then
    name("level", level_words(queue, priority), "missing in levels:" .. queue)
  end
end

return examine({
  queues = { walk = "ZSCAN", at = queues },
  waiting = { at = waiting },
  levels = { walk = "ZSCAN", at = levels },
  ticks = { walk = "HSCAN", at = ticks },
  lanes = { walk = "ZSCAN", at = lanes, cost = 2 },
  firsts = { walk = "HSCAN", at = firsts },
  ready = { at = ready, cost = 3 },
})
