-- Input:  cursor, pattern, count
-- Output: cursor; then key, type, time left in ms (-1 when it has none) by turns
-- Why:    the one place that walks all keys, of the server that has this shard. The keys that match are of shards that
--         it has as well, for their slots are there: TYPE and PTTL may ask for them
local page = redis.call("SCAN", ARGV[1], "MATCH", ARGV[2], "COUNT", ARGV[3])
local answer = { page[1] }
for _, key in ipairs(page[2]) do
  answer[#answer + 1] = key
  answer[#answer + 1] = redis.call("TYPE", key).ok
  answer[#answer + 1] = redis.call("PTTL", key)
end
return answer
