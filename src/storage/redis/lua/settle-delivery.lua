-- Input:  now; job id; claim; attempts that are remembered; kind: delivered, retry, dead or released; how long to wait
--         before a retry, or to keep the job of a dead letter, ms; the attempt as JSON, "" for none
-- Output: "ok", "already" or "lost"
-- Why:    fenced by the claim: one whose lease lapsed is another's now
local p = KEYS[1]
--- @include now
--- @include later
--- @include hints
--- @include deliveries

local now, id, claim, most, kind = now_ms(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local delay_ms, attempt = tonumber(ARGV[6]), ARGV[7]

local function remember_attempt(delivery)
  if attempt == "" then return end
  local attempts = cjson.decode(delivery[D_ATTEMPTS])
  attempts[#attempts + 1] = cjson.decode(attempt)
  while #attempts > most do table.remove(attempts, 1) end
  delivery[D_ATTEMPTS] = cjson.encode(attempts)
end

-- Its receiver may want it yet.
local function keep_job()
  local job = job_of(id)
  if not job or not job[ENDED_AT] then return end
  job[RESULT_TTL_MS] = math.max(job[RESULT_TTL_MS], now + delay_ms - job[ENDED_AT])
  changed[id] = true
  zadd_later("keep", text_of(job[ENDED_AT] + job[RESULT_TTL_MS]), text_of(job[ORDINAL]))
end

local function come_to_rest(delivery)
  enter_state(id, delivery, kind)
  due_no_more(id, delivery)
  delivery[D_SETTLED_AT] = now
end

local APPLY = {
  delivered = function(delivery)
    come_to_rest(delivery)
    redis.call("HDEL", p .. "deliveries-sealed", id)
  end,
  dead = function(delivery)
    come_to_rest(delivery)
    keep_job()
  end,
  retry = function(delivery) due_at(id, delivery, now + delay_ms) end,
  released = function(delivery)
    delivery[D_TRIES] = delivery[D_TRIES] - 1
    due_at(id, delivery, now)
  end,
}

local delivery = delivery_of(id)
if not delivery or delivery[D_CLAIM] ~= claim then return "lost" end
if delivery[D_LEASED] == 0 then return "already" end
delivery[D_LEASED] = 0
remember_attempt(delivery)
APPLY[kind](delivery)
store_delivery(id, delivery)
place_target(delivery[D_TARGET])
write_all()
return "ok"
