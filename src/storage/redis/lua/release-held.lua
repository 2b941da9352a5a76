-- Input:  now; the moment that held jobs have; ids as msgpack
-- Output: how many were released
-- Why:    for those of the ids that still are held: into their lanes, with their whole TTL from now on
local p = KEYS[1]
--- @include now
--- @include queue

local now, held = now_ms(ARGV[1]), tonumber(ARGV[2])
local ids, released = cmsgpack.unpack(ARGV[3]), 0
load_jobs(ids)
for _, id in ipairs(ids) do
  local job = jobs[id]
  if job and job[STATUS] == "queued" and job[RUN_AT] == held then
    redis.call("ZREM", p .. "delayed:" .. job[QUEUE], id)
    job[RUN_AT], changed[id] = false, true
    if job[TTL_MS] then
      job[EXPIRES_AT] = now + job[TTL_MS]
      zadd_later("expires", text_of(job[EXPIRES_AT]), text_of(job[ORDINAL]))
    end
    enter_lane(job[QUEUE], job[PRIORITY], job[LANE], { job[SEQ], id })
    hint_queued(job[QUEUE], 0)
    released = released + 1
  end
end
write_all()
publish()
return released
