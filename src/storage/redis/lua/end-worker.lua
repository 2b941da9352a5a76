-- Input:  now; name; as: "dead" is listed until its retention runs out, "gone" just goes
-- Why:    frees its pin. A repeat does not move its death; an unknown worker is nothing
local p = KEYS[1]
--- @include now
--- @include nodes

local now, name, as = now_ms(ARGV[1]), ARGV[2], ARGV[3]
local w = worker_fields(name)
if not w[W_NODE] then return end
if as == "gone" then
  forget_worker(name, w)
  hint("worker", name, w[W_NODE], "ended")
elseif not w[W_DIED_AT] then
  bury_worker(name, w, heard_of(w[W_NODE]), now)
end
write_all()
publish()
