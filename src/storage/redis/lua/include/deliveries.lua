-- Who is told of a job's end: hash `deliveries`, id of the job -> msgpack array; what it takes to send it is in
-- `deliveries-sealed` until it is delivered. Status and state are false until the job ends; attempts are JSON.
--
-- `deliveries-due:<target>` has those that are pending by the moment at which they are due, or their lease is over;
-- `deliveries-targets` each target by its first, so that a receiver that hangs holds up nobody else; and
-- `deliveries-in:<state>` has all that have a state, by the job's id.
local D_TARGET, D_TIMEOUT_MS, D_STATUS, D_STATE, D_CLAIM, D_LEASED, D_TRIES, D_CREATED_AT, D_DUE_AT, D_SETTLED_AT,
  D_ATTEMPTS = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11

local function delivery_of(id)
  local packed = redis.call("HGET", p .. "deliveries", id)
  return packed and cmsgpack.unpack(packed)
end

local function store_delivery(id, delivery)
  redis.call("HSET", p .. "deliveries", id, cmsgpack.pack(delivery))
end

-- After its deliveries have changed.
local function place_target(target)
  local first = redis.call("ZRANGE", p .. "deliveries-due:" .. target, 0, 0, "WITHSCORES")
  if #first == 0 then return redis.call("ZREM", p .. "deliveries-targets", target) end
  redis.call("ZADD", p .. "deliveries-targets", first[2], target)
end

local function due_at(id, delivery, moment)
  delivery[D_DUE_AT] = moment
  redis.call("ZADD", p .. "deliveries-due:" .. delivery[D_TARGET], string.format("%.0f", moment), id)
end

local function due_no_more(id, delivery)
  delivery[D_DUE_AT] = false
  redis.call("ZREM", p .. "deliveries-due:" .. delivery[D_TARGET], id)
end

local function enter_state(id, delivery, state)
  if delivery[D_STATE] then redis.call("ZREM", p .. "deliveries-in:" .. delivery[D_STATE], id) end
  delivery[D_STATE] = state
  redis.call("ZADD", p .. "deliveries-in:" .. state, 0, id)
end

-- Most stores have none at all: that is asked once a call.
local any_delivery
local function owe_delivery(id, status, now)
  if any_delivery == nil then any_delivery = redis.call("EXISTS", p .. "deliveries") == 1 end
  local delivery = any_delivery and delivery_of(id)
  if not delivery or delivery[D_STATE] then return end
  delivery[D_STATUS], delivery[D_CREATED_AT] = status, now
  enter_state(id, delivery, "pending")
  due_at(id, delivery, now)
  store_delivery(id, delivery)
  place_target(delivery[D_TARGET])
  hint("delivery")
end

local function is_owed(id)
  local delivery = delivery_of(id)
  return delivery and delivery[D_STATE] == "pending"
end

-- With its job, which has been told of.
local function forget_delivery(id)
  local delivery = delivery_of(id)
  if not delivery then return end
  redis.call("HDEL", p .. "deliveries", id)
  redis.call("HDEL", p .. "deliveries-sealed", id)
  if delivery[D_STATE] then redis.call("ZREM", p .. "deliveries-in:" .. delivery[D_STATE], id) end
  redis.call("ZREM", p .. "deliveries-due:" .. delivery[D_TARGET], id)
  place_target(delivery[D_TARGET])
end
