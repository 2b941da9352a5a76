-- Input:  the hint channel; "" leaves it out
-- Output: nothing
-- Why:    fails where the server takes no changes, or the user may not make them
redis.call("SET", KEYS[1] .. "check", "", "PX", 60000)
if ARGV[1] ~= "" then redis.call("PUBLISH", ARGV[1], "") end
