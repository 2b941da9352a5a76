-- Input:  batch; rank of the first block to look at; blocks at most; statuses
-- Output: the rank to go on with, "" at the end; then how many jobs of the batch are in each status
-- Why:    the AND of two marks a block, of those blocks that have jobs of the batch. By rank: where a block is
--         forgotten meanwhile the next ones move up, and a count of what changes is a look and no more
local p = KEYS[1]
--- @include record
--- @include marks

local batch, from, most = "batch:" .. ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local statuses, counts = { unpack(ARGV, 4) }, {}
for n = 1, #statuses do counts[n] = 0 end

-- How many bits are set in a byte.
local BITS = { [0] = 0 }
for byte = 1, 255 do BITS[byte] = byte % 2 + BITS[math.floor(byte / 2)] end

local function common(one, other)
  local count, at = 0, string.find(one, "[^%z]")
  while at and at <= #other do
    count = count + BITS[bit.band(string.byte(one, at), string.byte(other, at))]
    at = string.find(one, "[^%z]", at + 1)
  end
  return count
end

local function add_block(block, marks)
  for n, status in ipairs(statuses) do
    local other = redis.call("GET", marks_key(block, "status:" .. status))
    if other then counts[n] = counts[n] + common(marks, other) end
  end
end

local blocks, keys = redis.call("ZRANGE", p .. "blocks", from, from + most - 1), {}
for n, member in ipairs(blocks) do keys[n] = marks_key(tonumber(member), batch) end
local marked = #keys > 0 and redis.call("MGET", unpack(keys)) or {}
for n, member in ipairs(blocks) do
  if marked[n] then add_block(tonumber(member), marked[n]) end
end
return { #blocks == most and text_of(from + most) or "", unpack(counts) }
