-- Output: version of the schema, 0 for none; number of shards, 0 for none
-- Why:    a read
local schema = redis.call("HMGET", KEYS[1] .. "schema", "version", "shards")
return { tonumber(schema[1] or 0), tonumber(schema[2] or 0) }
