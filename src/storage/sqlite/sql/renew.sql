-- Input:  id, run, nonce
-- Output: whether somebody asked to abort the job; no row when this run is over
-- Why:    renews one lease. The token is the guard: a reaped run is never revived
UPDATE jobs SET renewal = renewal + 1
WHERE id = :id AND status = 'started' AND run = :run AND nonce = :nonce
RETURNING abort
