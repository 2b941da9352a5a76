-- Input:  seq, run, nonce, now, ready, run_at, enqueued_at, expires_at, attempts, reaped (1 erases the token)
-- Output: the job as queued, with its old seq; no row when it is not in this run any more
-- Why:    started -> queued, fenced. The trigger jobs_requeued puts it into its lane
UPDATE jobs
SET status = 'queued', ready = :ready, run_at = :run_at, enqueued_at = :enqueued_at, expires_at = :expires_at,
    started_at = NULL, attempts = :attempts, nonce = iif(:reaped, NULL, nonce)
WHERE seq = :seq AND status = 'started' AND run = :run AND nonce = :nonce
RETURNING *
