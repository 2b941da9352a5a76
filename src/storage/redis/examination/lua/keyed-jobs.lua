-- Input:  cursor, unused; [scope and key, id] each as msgpack
-- Output: for each "has" when the job has this key, "due" when it may be forgotten as well, else "has not"
-- Why:    a key is forgotten before its job: until the job is due, it has both or none
local p = KEYS[1]
--- @include examine

local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function state_of(job, key)
  if not job or job[IDEMPOTENCY] ~= key then return "has not" end
  return is_final(job) and job[ENDED_AT] and job[ENDED_AT] + job[RESULT_TTL_MS] <= now and "due" or "has"
end

local ids, answer = {}, {}
for n, pair in ipairs(specs) do ids[n] = pair[2] end
read_jobs(ids)
for n, pair in ipairs(specs) do
  answer[n] = unreadable[pair[2]] and "has" or state_of(jobs[pair[2]], pair[1])
end
return answer
