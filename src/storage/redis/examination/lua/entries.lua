-- Input:  specs ["entries", key, rule, score, [field, value, field, value …]]: a zset of jobs, what they have in common,
--         and what their scores are
-- Why:    nothing is in an index that does not belong there
local p = KEYS[1]
--- @include examine

local FIELDS = {
  status = STATUS, queue = QUEUE, host = HOST, driver = DRIVER, batch = BATCH, node = NODE, worker = WORKER,
  priority = PRIORITY, lane = LANE, run_at = RUN_AT,
}

local SCORES = {
  seq = function(job) return job[SEQ] end,
  enqueued_at = function(job) return job[ENQUEUED_AT] end,
  run_at = function(job) return job[RUN_AT] end,
  expires_at = function(job) return job[EXPIRES_AT] end,
  keep_until = function(job) return is_final(job) and job[ENDED_AT] and job[ENDED_AT] + job[RESULT_TTL_MS] end,
}

local function check(spec, id, score)
  local key, rule, wanted = spec[2], spec[3], spec[5]
  local job = jobs[id]
  if not job then
    if not unreadable[id] then name(rule, id, "in " .. key .. ", the job is gone") end
    return
  end
  for n = 1, #wanted, 2 do
    local value = job[FIELDS[wanted[n]]]
    if value ~= wanted[n + 1] then
      return name(rule, id, "in " .. key .. ", its " .. wanted[n] .. " is " .. shown(value))
    end
  end
  check_score(rule, id, key, score, SCORES[spec[4]](job))
end

local function look(spec, page)
  local ids = {}
  for n = 1, #page, 2 do ids[#ids + 1] = page[n] end
  read_jobs(ids)
  for n = 1, #page, 2 do check(spec, page[n], page[n + 1]) end
end

return examine({ entries = { walk = "ZSCAN", at = look } })
