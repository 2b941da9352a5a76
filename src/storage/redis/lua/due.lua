-- Input:  now, key, max
-- Output: the scores of the zset's members that are due, the longest due first
-- Why:    a read: with several shards, who takes how many so that together they take the longest due
local p = KEYS[1]
--- @include now
local due = redis.call("ZRANGEBYSCORE", p .. ARGV[2], "-inf", now_ms(ARGV[1]), "WITHSCORES", "LIMIT", 0, tonumber(ARGV[3]))
local scores = {}
for n = 2, #due, 2 do scores[#scores + 1] = due[n] end
return scores
