-- Input:  now; version; table of nodes as msgpack, see include/node-table.lua
-- Output: the version that this shard had; then the lost nodes of the table that have workers left here
-- Why:    brings this shard up to what shard 0 has decided. An older table than it has is left alone
local p = KEYS[1]
--- @include now
--- @include nodes

local now, version, rows = now_ms(ARGV[1]), ARGV[2], cmsgpack.unpack(ARGV[3])
local acting, listed = {}, {}

local function load_acting()
  local stored = redis.call("HGETALL", p .. "incarnation")
  for n = 1, #stored, 2 do acting[stored[n]] = stored[n + 1] end
end

local function adjust(name, incarnation, heard)
  if acting[name] == (incarnation or nil) then return end
  if not incarnation then let_nobody_act(name) end
  bury_workers(name, incarnation, heard, now)
  if incarnation then let_act(name, incarnation, now) end
end

local function apply()
  load_acting()
  for _, row in ipairs(rows) do
    listed[row[1]] = true
    adjust(row[1], row[2], row[3])
  end
  for name in pairs(acting) do
    if not listed[name] then
      let_nobody_act(name)
      forget_workers(name)
    end
  end
  redis.call("SET", p .. "nodes:version", version)
  write_all()
  publish()
end

local before = version_here()
if before < tonumber(version) then apply() end
local answer = { string.format("%.0f", before) }
for _, row in ipairs(rows) do
  if not row[2] and redis.call("EXISTS", p .. "workers:node:" .. row[1]) == 1 then answer[#answer + 1] = row[1] end
end
return answer
