--- @include queue
-- How a job ends, from whatever status it leaves: the caller has taken it out of there.
local function index_rare(id, job, status)
  local seq = score_of(job[SEQ])
  zadd_later(status .. ":queue:" .. job[QUEUE], seq, id)
  zadd_later(status .. ":host:" .. job[HOST], seq, id)
  zadd_later(status .. ":driver:" .. job[DRIVER], seq, id)
  if job[NODE] then zadd_later(status .. ":node:" .. job[NODE], seq, id) end
  if job[WORKER] then zadd_later(status .. ":worker:" .. job[WORKER], seq, id) end
end

-- Erases the sealed operation. Few jobs fail or are cancelled among the many of a host: those have indexes of their
-- own, so that a list of them does not look at all the others.
local function end_job(id, job, status, result, now)
  job[STATUS], job[RESULT], job[ENDED_AT] = status, result, now
  changed[id] = true
  zadd_later("status:" .. status, score_of(job[SEQ]), id)
  zadd_later("keep", now + job[RESULT_TTL_MS], id)
  if status ~= "finished" then index_rare(id, job, status) end
  del_later("sealed:" .. id)
  hint_status(id, status)
end
