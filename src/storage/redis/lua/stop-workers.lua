-- Input:  op, after, filter as msgpack: [name, queue, node, host, status]
-- Output: the name to go on after, "" at the end; then worker, the job it runs ("" for none) for each that was flagged
-- Why:    one step, remembered: a repeat of the operation goes through the same steps and gets the same answers
local p = KEYS[1]
--- @include operation
--- @include select-workers

local op = ARGV[1] .. "#" .. ARGV[2]
local answer = recall(op)
if answer then return answer end

answer = { "" }
local function stop(name, w)
  if w[W_DIED_AT] then return end
  redis.call("HSET", worker_key(name), "stop", "1")
  zadd_later("stopping:" .. w[W_NODE], 0, name)
  hint("worker", name, w[W_NODE], "stop")
  answer[#answer + 1] = name
  answer[#answer + 1] = w[W_JOB] or ""
end

answer[1] = select_workers(cmsgpack.unpack(ARGV[3]), ARGV[2], stop)
remember(op, answer)
write_all()
publish()
return answer
