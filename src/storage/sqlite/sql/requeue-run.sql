-- Input:  seq, run, nonce, now, ready, run_at, enqueued_at, expires_at, attempts, reaped (1 erases the token)
-- Output: the job is queued, with its old seq; `changes` is 0 when it was not in this run any more
-- Why:    started -> queued, fenced
UPDATE jobs
SET status = 'queued', ready = :ready, run_at = :run_at, enqueued_at = :enqueued_at, expires_at = :expires_at,
    started_at = NULL, attempts = :attempts, nonce = iif(:reaped, NULL, nonce)
WHERE seq = :seq AND status = 'started' AND run = :run AND nonce = :nonce
