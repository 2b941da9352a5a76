-- Input:  id, run, nonce, offset, bytes
-- Output: "ok", "already" or "lost"
-- Why:    the output of a run is its own: a zombie's bytes must not get between those of its successor
local p = KEYS[1]
--- @include record
--- @include log
--- @include hints

local id, run, nonce = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local mine = run_of(id)
if not mine or mine[R_RUN] ~= run or mine[R_NONCE] ~= nonce then return "lost" end
local outcome = append_log(id, tonumber(ARGV[4]), ARGV[5])
if outcome == "ok" then
  hint("output", id)
  publish()
end
return outcome == "gap" and "lost" or outcome
