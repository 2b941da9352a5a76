-- Input:  now; max; how many of a target at most; margin, ms; how many of a target the caller sends already, as msgpack:
--         target, count by turns
-- Output: in how many milliseconds another is due of a target that may get more, "" when none is; then job id, record and
--         sealed webhook of each that was leased, by turns
-- Why:    the lease is the moment at which it is due again: a sender that is killed needs nobody to clear up after it
local p = KEYS[1]
--- @include now
--- @include hints
--- @include deliveries

local now, max, per_target, margin_ms = now_ms(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local given, busy, busy_targets = cmsgpack.unpack(ARGV[5]), {}, 0
for n = 1, #given, 2 do
  busy[given[n]] = given[n + 1]
  busy_targets = busy_targets + 1
end
local answer = { "" }

local function may_take(target)
  return per_target - (busy[target] or 0)
end

local function lease(id, target)
  local delivery = delivery_of(id)
  if not delivery or delivery[D_STATE] ~= "pending" then
    -- Erased by hand: it must not keep others from being sent.
    return redis.call("ZREM", p .. "deliveries-due:" .. target, id)
  end
  delivery[D_CLAIM], delivery[D_LEASED], delivery[D_TRIES] = delivery[D_CLAIM] + 1, 1, delivery[D_TRIES] + 1
  due_at(id, delivery, now + delivery[D_TIMEOUT_MS] + margin_ms)
  store_delivery(id, delivery)
  answer[#answer + 1] = id
  answer[#answer + 1] = cmsgpack.pack(delivery)
  answer[#answer + 1] = redis.call("HGET", p .. "deliveries-sealed", id) or ""
end

local function take_of(target, most)
  local due = redis.call("ZRANGEBYSCORE", p .. "deliveries-due:" .. target, "-inf", now, "LIMIT", 0, most)
  for _, id in ipairs(due) do lease(id, target) end
  place_target(target)
  return #due
end

-- No more of them can be busy.
local function first_targets(count)
  return redis.call("ZRANGE", p .. "deliveries-targets", 0, count + busy_targets - 1, "WITHSCORES")
end

local taken, first = 0, first_targets(max)
for n = 1, #first, 2 do
  local most = math.min(may_take(first[n]), max - taken)
  if tonumber(first[n + 1]) <= now and most > 0 then taken = taken + take_of(first[n], most) end
end
local left = first_targets(1)
for n = 1, #left, 2 do
  if answer[1] == "" and may_take(left[n]) > 0 then
    answer[1] = string.format("%.0f", math.max(0, tonumber(left[n + 1]) - now))
  end
end
return answer
