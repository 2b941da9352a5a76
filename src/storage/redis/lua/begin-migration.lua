-- Input:  the version to reach, number of shards, who asks
-- Output: "newer" | "shards" | "done" | "yours" | "busy", then the version found (for "shards": how many it has)
-- Why:    one process at a time changes the schema; the lock lapses when its holder dies
local p = KEYS[1]
local LOCK_MS = 30000
local version = tonumber(redis.call("HGET", p .. "schema", "version") or 0)
local shards = redis.call("HGET", p .. "schema", "shards")
if version > tonumber(ARGV[1]) then return { "newer", version } end
if shards and shards ~= ARGV[2] then return { "shards", tonumber(shards) } end
if version == tonumber(ARGV[1]) then return { "done", version } end
if redis.call("SET", p .. "migrating", ARGV[3], "NX", "PX", LOCK_MS) then return { "yours", version } end
return { "busy", version }
