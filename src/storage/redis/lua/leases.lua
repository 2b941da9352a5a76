-- Output: id, run as msgpack for every started job
-- Why:    `runs` has one field for each, never more than there are workers. A server that takes no changes (no memory,
--         no disk, no replicas) takes no renewals either: it must not answer, or healthy runs seemed to lapse
redis.call("SET", KEYS[1] .. "check", "", "PX", 60000)
return redis.call("HGETALL", KEYS[1] .. "runs")
