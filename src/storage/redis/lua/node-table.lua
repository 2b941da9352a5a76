-- Input:  a version that another shard has, 0 for none
-- Output: the table of nodes for the other shards: version, msgpack
-- Why:    whoever comes across a shard that has another table than this one gives it this one. A newer version there
--         means that a fail-over has lost the last decisions here: what is here now is the truth
local p = KEYS[1]
--- @include node-table

local seen = tonumber(ARGV[1])
if seen > version_here() then raise_version(seen) end
return { table_of_nodes() }
