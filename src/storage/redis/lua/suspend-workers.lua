-- Input:  suspended (1 or 0), after, filter as msgpack: [name, queue, node, host, status]
-- Output: the name to go on after, "" at the end; then the living workers that match, changed or not
-- Why:    one step. A claim reads the flag in the script that starts a job, so it holds from this answer on
local p = KEYS[1]
--- @include select-workers

local suspended, answer = ARGV[1] == "1", { "" }

local function suspend(name, w)
  if w[W_DIED_AT] then return end
  if suspended then
    redis.call("HSET", worker_key(name), "suspended", "1")
  else
    redis.call("HDEL", worker_key(name), "suspended")
  end
  hint("worker", name, w[W_NODE], suspended and "suspend" or "resume")
  answer[#answer + 1] = name
end

answer[1] = select_workers(cmsgpack.unpack(ARGV[3]), ARGV[2], suspend)
publish()
return answer
