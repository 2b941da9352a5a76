-- Input:  now, batch id, [job, idempotency key, fingerprint] for each job that has a key as msgpack, then the parts
-- Output: "stored", "mismatch", or "duplicate" and the ids of the jobs that the key stands for
-- Why:    a batch is accepted as a whole before any of its jobs is stored, and its keys with it
local p = KEYS[1]
--- @include keys

local batch = ARGV[2]
local keyed = cmsgpack.unpack(ARGV[3])
local mine = {}
for _, entry in ipairs(keyed) do mine[entry[1]] = true end

for _, entry in ipairs(keyed) do
  local ids, fingerprint = ids_of_key(entry[2])
  if #ids > 0 and not any_of(ids, mine) then
    if fingerprint ~= entry[3] then return { "mismatch" } end
    local answer = { "duplicate" }
    for _, each in ipairs(ids) do answer[#answer + 1] = each[1] end
    return answer
  end
end
for n, entry in ipairs(keyed) do
  redis.call("HSETNX", p .. "idem:" .. entry[2], "", entry[3])
  redis.call("HSETNX", p .. "idem:" .. entry[2], entry[1], n)
end
local time = redis.call("TIME")
redis.call("ZADD", p .. "batches", time[1] * 1000 + math.floor(time[2] / 1000), batch)
redis.call("DEL", p .. "batch-record:" .. batch)
for n = 4, #ARGV do redis.call("RPUSH", p .. "batch-record:" .. batch, ARGV[n]) end
return { "stored" }
