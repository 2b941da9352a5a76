-- Input:  now; result of an aborted job; settlements as msgpack: [id, run, nonce, offset, number of the tail or
--         0, kind, detail] each; kind is finished or failed (detail: the result), retry (detail: [delay ms, result
--         when no attempt is left]) or released; then the tails
-- Output: for each "ok", "already" or "lost"
-- Why:    started -> finished | failed | queued, fenced, each with the rest of its output
local p = KEYS[1]
--- @include now
--- @include operation
--- @include run
--- @include log

local now, aborted = now_ms(ARGV[1]), ARGV[2]
local settlements = cmsgpack.unpack(ARGV[3])

local function hand_back_of(id, run, nonce)
  return string.format("handed back %s %d %s", id, run, nonce)
end

local function settled_before(job, id, run, nonce)
  if job and job[RUN] == run and job[NONCE] == nonce then return true end
  return redis.call("EXISTS", p .. "op:" .. hand_back_of(id, run, nonce)) == 1
end

-- A retry needs an attempt that is left, and nothing goes back to the queue that somebody asked to abort.
local function apply(id, job, kind, detail)
  if kind == "finished" or kind == "failed" then return end_run(id, job, kind, detail, now, false) end
  local running = run_of(id)
  if running and running[R_ABORT] == 1 then return end_run(id, job, "failed", aborted, now, false) end
  if kind == "retry" and job[ATTEMPTS] > job[RETRIES] then return end_run(id, job, "failed", detail[2], now, false) end
  -- The next claim overwrites the token in the record; a repeat of this call must still be known.
  remember(hand_back_of(id, job[RUN], job[NONCE]), true)
  requeue_run(id, job, kind == "retry" and detail[1], now, false)
end

local function settle(s)
  local id, run, nonce = s[1], s[2], s[3]
  local job = jobs[id]
  if not job or job[STATUS] ~= "started" or job[RUN] ~= run or job[NONCE] ~= nonce then
    return settled_before(job, id, run, nonce) and "already" or "lost"
  end
  local tail = s[5] > 0 and ARGV[3 + s[5]] or ""
  if append_log(id, s[4], tail) == "gap" then return "lost" end
  if #tail > 0 then hint("output", id) end
  apply(id, job, s[6], s[7])
  return "ok"
end

local ids, answer = {}, {}
for _, s in ipairs(settlements) do ids[#ids + 1] = s[1] end
load_jobs(ids)
for _, s in ipairs(settlements) do answer[#answer + 1] = settle(s) end
write_runs()
publish()
return answer
