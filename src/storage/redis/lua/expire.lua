-- Input:  now, result, max
-- Output: the ids that were failed
-- Why:    queued -> failed, oldest first; `expires` holds queued jobs only
local p = KEYS[1]
--- @include now
--- @include end

local now, result = now_ms(ARGV[1]), ARGV[2]
local ids = redis.call("ZRANGEBYSCORE", p .. "expires", "-inf", now, "LIMIT", 0, tonumber(ARGV[3]))
load_jobs(ids)
for _, id in ipairs(ids) do
  drop_from_queue(id, jobs[id])
  end_job(id, jobs[id], "failed", result, now)
end
write_all()
publish()
return ids
