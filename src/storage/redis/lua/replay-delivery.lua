-- Input:  now; job id; where it goes from now on, as msgpack: [target, time-out ms], "" for where it went before; sealed
-- Output: "replayed", "pending", "erased" or "unknown"
local p = KEYS[1]
--- @include now
--- @include hints
--- @include deliveries

local now, id = now_ms(ARGV[1]), ARGV[2]
local anew = ARGV[3] ~= "" and cmsgpack.unpack(ARGV[3])

local function decide(delivery)
  if not delivery or not delivery[D_STATE] then return "unknown" end
  if delivery[D_STATE] == "pending" then return "pending" end
  if not anew and redis.call("HEXISTS", p .. "deliveries-sealed", id) == 0 then return "erased" end
  if anew then
    delivery[D_TARGET], delivery[D_TIMEOUT_MS] = anew[1], anew[2]
    redis.call("HSET", p .. "deliveries-sealed", id, ARGV[4])
  end
  delivery[D_TRIES], delivery[D_SETTLED_AT] = 0, false
  enter_state(id, delivery, "pending")
  due_at(id, delivery, now)
  store_delivery(id, delivery)
  place_target(delivery[D_TARGET])
  hint("delivery")
  return "replayed"
end

local outcome = decide(delivery_of(id))
publish()
return outcome
