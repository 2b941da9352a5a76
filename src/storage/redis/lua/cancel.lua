-- Input:  now, op, id, abort (1 asks a started job to stop)
-- Output: "cancelled", "abort_requested", "started", "not_found", or "ended" and its final status
-- Why:    queued -> cancelled in the script that checks it: a claim and a cancel cannot both win. An abort is only a
--         wish: the status changes when the node settles the run, or its lease lapses
local p = KEYS[1]
--- @include now
--- @include operation
--- @include end

local now, op, id, abort = now_ms(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]

local function ask_to_abort()
  local run = run_of(id)
  run[R_ABORT] = 1
  redis.call("HSET", p .. "runs", id, cmsgpack.pack(run))
  hint("abort", id, run[R_NODE])
  return "abort_requested"
end

local function decide()
  local job = job_of(id)
  if not job then return "not_found" end
  if job[STATUS] == "queued" then
    drop_from_queue(id, job)
    end_job(id, job, "cancelled", false, now)
    return "cancelled"
  end
  if job[STATUS] ~= "started" then return "ended " .. job[STATUS] end
  return abort == "1" and ask_to_abort() or "started"
end

local before = recall(op)
if before then return before end
local outcome = decide()
remember(op, outcome)
write_all()
publish()
return outcome
