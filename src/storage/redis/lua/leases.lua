-- Output: id, run as msgpack for every started job
-- Why:    a read; `runs` has one field for each, never more than there are workers
return redis.call("HGETALL", KEYS[1] .. "runs")
