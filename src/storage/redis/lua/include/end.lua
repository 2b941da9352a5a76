--- @include queue
--- @include deliveries
-- How a job ends, from whatever status it leaves: the caller has taken it out of there.

-- BEHIND says how long a sealed operation is that stands behind its job; another one has a key of its own.
local function erase_operation(id, job)
  if job[BEHIND] == 0 then return del_later("sealed:" .. id) end
  rests[job] = string.sub(rests[job], 1, #rests[job] - job[BEHIND])
  job[BEHIND] = 0
end

local function end_job(id, job, status, result, now)
  job[STATUS], job[RESULT], job[ENDED_AT] = status, result, now
  changed[id] = true
  mark_status(status, job[ORDINAL])
  for _, index in ipairs(rare_indexes_of(job)) do mark(index, job[ORDINAL]) end
  zadd_later("keep", text_of(now + job[RESULT_TTL_MS]), text_of(job[ORDINAL]))
  erase_operation(id, job)
  owe_delivery(id, status, now)
  hint_status(id, status)
end
