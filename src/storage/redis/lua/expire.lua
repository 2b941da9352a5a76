-- Input:  now, result, max
-- Output: the ids that were failed
-- Why:    queued -> failed, oldest first; `expires` holds queued jobs only
local p = KEYS[1]
--- @include now
--- @include end

local now, result = now_ms(ARGV[1]), ARGV[2]
local ordinals = redis.call("ZRANGEBYSCORE", p .. "expires", "-inf", now, "LIMIT", 0, tonumber(ARGV[3]))
local ids, failed = ids_of(ordinals), {}
load_jobs(ids)
for n, id in ipairs(ids) do
  local job = jobs[id]
  if job then
    drop_from_queue(id, job)
    end_job(id, job, "failed", result, now)
    failed[#failed + 1] = id
  else
    -- Erased by hand: it must not keep others from expiring.
    zrem_later("expires", ordinals[n])
  end
end
write_all()
publish()
return failed
