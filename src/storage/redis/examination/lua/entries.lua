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
  seq = { SEQ, function(job) return job[SEQ] end },
  enqueued_at = { ENQUEUED_AT, function(job) return job[ENQUEUED_AT] end },
  run_at = { RUN_AT, function(job) return job[RUN_AT] end },
  expires_at = { EXPIRES_AT, function(job) return job[EXPIRES_AT] end },
  keep_until = {
    ENDED_AT, function(job) return is_final(job) and job[ENDED_AT] and job[ENDED_AT] + job[RESULT_TTL_MS] end,
  },
}

-- How much of a record must be read to know.
local function depth_of(spec)
  local depth = math.max(STATUS, SCORES[spec[4]][1])
  for n = 1, #spec[5], 2 do depth = math.max(depth, FIELDS[spec[5][n]]) end
  return depth
end

local function check(spec, job, id, score)
  local key, rule, wanted = spec[2], spec[3], spec[5]
  for n = 1, #wanted, 2 do
    local value = job[FIELDS[wanted[n]]]
    if value ~= wanted[n + 1] then
      return name(rule, id, "in " .. key .. ", its " .. wanted[n] .. " is " .. shown(value))
    end
  end
  check_score(rule, id, key, score, SCORES[spec[4]][2](job))
end

-- A record that cannot be read is named with its job.
local function look(spec, page)
  local depth, ids, scores = depth_of(spec), {}, {}
  for n = 1, #page, 2 do
    ids[#ids + 1] = page[n]
    scores[page[n]] = page[n + 1]
  end
  each_value("job:", ids, function(id, packed)
    local job = packed and head_of(packed, depth)
    if job then
      check(spec, job, id, scores[id])
    elseif not packed then
      name(spec[3], id, "in " .. spec[2] .. ", the job is gone")
    end
  end)
end

return examine({ entries = { walk = "ZSCAN", at = look } })
