-- Input:  now; op; part; where the next part begins, "" at the end; seq of the newest job that is meant; ids as msgpack
-- Output: where the next part begins, then the ids that were cancelled
-- Why:    queued -> cancelled for those of the ids that still are queued: a part of what a filter matches, remembered
--         so that a repeat after a lost reply goes on where the first call stopped
local p = KEYS[1]
--- @include now
--- @include operation
--- @include end

local now, op, after, up_to = now_ms(ARGV[1]), ARGV[2] .. "#" .. ARGV[3], ARGV[4], tonumber(ARGV[5])
local before = recall(op)
if before then return { before[1], unpack(before[2]) } end
local ids, cancelled = cmsgpack.unpack(ARGV[6]), {}
load_jobs(ids)
for _, id in ipairs(ids) do
  local job = jobs[id]
  if job and job[STATUS] == "queued" and job[SEQ] <= up_to then
    drop_from_queue(id, job)
    end_job(id, job, "cancelled", false, now)
    cancelled[#cancelled + 1] = id
  end
end
remember(op, { after, cancelled })
write_all()
publish()
return { after, unpack(cancelled) }
