-- Input:  cursor, pattern, count
-- Output: cursor; then key (without the prefix), type, time left in ms (-1 when it has none) by turns
-- Why:    the one place that walks all keys. In a cluster it is the shard's own server that does, and others' keys
--         that it has do not match
local p = KEYS[1]
local page = redis.call("SCAN", ARGV[1], "MATCH", ARGV[2], "COUNT", ARGV[3])
local answer = { page[1] }
for _, key in ipairs(page[2]) do
  answer[#answer + 1] = string.sub(key, #p + 1)
  answer[#answer + 1] = redis.call("TYPE", key).ok
  answer[#answer + 1] = redis.call("PTTL", key)
end
return answer
