-- Input:  now; name; node; incarnation; kind; queue; host, "" for none; then the other fields and values of `w:<name>`
-- Output: "added"; "unknown_node"; or "taken", the owner's name, its node
-- Why:    a pinned worker and its pin come in one atom. A repeat finds the name, dead or alive, and changes nothing
local p = KEYS[1]
--- @include now
--- @include workers

local now = now_ms(ARGV[1])
local name, node, incarnation, kind, queue, host = unpack(ARGV, 2, 7)

local function owner()
  return kind == "pinned" and redis.call("GET", p .. "pin:" .. queue)
end

local function list_in(index)
  redis.call("ZADD", p .. index, 0, name)
end

local function add()
  redis.call(
    "HSET", worker_key(name), "node", node, "incarnation", incarnation, "kind", kind, "queue", queue,
    "session", "none", "sessions_opened", 0, "birth_at", now, "succeeded", 0, "failed", 0, "busy_ms", 0,
    unpack(ARGV, 8)
  )
  list_in("workers")
  list_in("workers:node:" .. node)
  list_in("workers:queue:" .. queue)
  if host ~= "" then
    redis.call("HSET", worker_key(name), "host", host)
    list_in("workers:host:" .. host)
  end
  if kind == "pinned" then redis.call("SET", p .. "pin:" .. queue, name) end
end

if redis.call("EXISTS", worker_key(name)) == 1 then return { "added" } end
if redis.call("HGET", p .. "incarnation", node) ~= incarnation then return { "unknown_node" } end
local taken = owner()
if taken then return { "taken", taken, redis.call("HGET", worker_key(taken), "node") } end
add()
return { "added" }
