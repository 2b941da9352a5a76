-- Input:  age in ms; the moment before which they were begun, "" to have it reckoned from the age; how many to step over
-- Output: that moment; then at most 10 batches that were begun so long ago and are not ended
-- Why:    whoever began them did not come to the end; by the server's clock, for callers' clocks may disagree
local p = KEYS[1]
--- @include now

local before = ARGV[2] ~= "" and ARGV[2] or string.format("%.0f", now_ms("") - ARGV[1])
return { before, unpack(redis.call("ZRANGEBYSCORE", p .. "batches", "-inf", before, "LIMIT", ARGV[3], 10)) }
