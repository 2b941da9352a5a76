-- Input:  node
-- Output: 1 when a started job of this shard runs on it, else 0
-- Why:    what remove-node.lua asks of its own shard, of another one
local p = KEYS[1]
--- @include nodes

return holds_started(ARGV[1]) and 1 or 0
