-- Input:  died before, max
-- Output: how many dead workers are gone; fewer than max when none are left
local p = KEYS[1]
--- @include workers

local names = redis.call("ZRANGEBYSCORE", p .. "died", "-inf", "(" .. ARGV[1], "LIMIT", 0, tonumber(ARGV[2]))
for _, name in ipairs(names) do forget_worker(name, worker_fields(name)) end
write_all()
return #names
