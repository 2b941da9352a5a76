-- Input:  id, offset, max
-- Output: the slice, where it begins, 1 when the job has ended and the slice reaches the end of its log; nothing for
--         an unknown job
-- Why:    size, status and bytes of one moment: "ended" must not be said of a log that has grown since
local p = KEYS[1]
--- @include record

local id, offset, max = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local job = job_of(id)
if not job then return {} end
local key = p .. "log:" .. id
local size = redis.call("STRLEN", key)
local from = math.min(offset, size)
local to = math.min(from + max, size)
local slice = to > from and redis.call("GETRANGE", key, from, to - 1) or ""
local final = job[STATUS] ~= "queued" and job[STATUS] ~= "started"
return { slice, from, final and to == size and 1 or 0 }
