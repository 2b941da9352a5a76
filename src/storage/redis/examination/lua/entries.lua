-- Input:  specs ["entries", key, member, rule, score, [field, value, field, value …]]: a zset of jobs, whether its members
--         are ids or ordinals, what they have in common, and what their scores are
-- Why:    nothing is in there that does not belong there
local p = KEYS[1]
--- @include examine

local FIELDS = { status = STATUS, queue = QUEUE, priority = PRIORITY, lane = LANE, run_at = RUN_AT }

local SCORES = {
  seq = function(job) return job[SEQ] end,
  enqueued_at = function(job) return job[ENQUEUED_AT] end,
  run_at = function(job) return job[RUN_AT] end,
  expires_at = function(job) return job[EXPIRES_AT] end,
  keep_until = function(job) return is_final(job) and job[ENDED_AT] and job[ENDED_AT] + job[RESULT_TTL_MS] end,
}

local function check(spec, job, id, score)
  local key, rule, wanted = spec[2], spec[4], spec[6]
  for n = 1, #wanted, 2 do
    local value = job[FIELDS[wanted[n]]]
    if value ~= wanted[n + 1] then
      return name(rule, id, "in " .. key .. ", its " .. wanted[n] .. " is " .. shown(value))
    end
  end
  check_score(rule, id, key, score, SCORES[spec[5]](job))
end

-- The ids of members; of one that is no ordinal, or that no job has, the member itself.
local function ids_of_members(spec, members)
  if spec[3] == "id" then return members end
  local ids = {}
  for n, member in ipairs(members) do
    local id = tonumber(member) and ids_of({ member })[1] or ""
    ids[n] = id ~= "" and id or member
  end
  return ids
end

-- A job that cannot be read is named by itself.
local function look(spec, page)
  local members = {}
  for n = 1, #page, 2 do members[#members + 1] = page[n] end
  local ids = ids_of_members(spec, members)
  read_jobs(ids)
  for n, id in ipairs(ids) do
    local job = jobs[id]
    if job then
      check(spec, job, id, page[2 * n])
    elseif not unreadable[id] then
      name(spec[4], id, "in " .. spec[2] .. ", the job is gone")
    end
  end
end

return examine({ entries = { walk = "ZSCAN", at = look, cost = 2 } })
