-- Input:  now; result of a lost run; result of an aborted job; leases as msgpack: [id, run, nonce, renewal] each
-- Output: for each "failed", "requeued", "alive" or "gone"
-- Why:    started -> failed | queued, guarded by token and renewal: a run renewed meanwhile is left alone
local p = KEYS[1]
--- @include now
--- @include run

local now, lost, aborted = now_ms(ARGV[1]), ARGV[2], ARGV[3]

local function reap(lease)
  local id = lease[1]
  local run, job = run_of(id), job_of(id)
  if not run or not job or job[STATUS] ~= "started" then return "gone" end
  if run[R_RUN] ~= lease[2] or run[R_NONCE] ~= lease[3] then return "gone" end
  if run[R_RENEWAL] ~= lease[4] then return "alive" end
  if run[R_ABORT] == 0 and job[ATTEMPTS] <= job[RETRIES] then
    requeue_run(id, job, 0, now, true)
    return "requeued"
  end
  end_run(id, job, "failed", run[R_ABORT] == 1 and aborted or lost, now, true)
  return "failed"
end

local answer = {}
for _, lease in ipairs(cmsgpack.unpack(ARGV[4])) do answer[#answer + 1] = reap(lease) end
write_runs()
publish()
return answer
