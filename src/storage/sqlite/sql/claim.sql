-- Input:  seq, nonce, node, worker, now
-- Output: the job as started; no row when its TTL has run out
-- Why:    queued -> started. The trigger jobs_claimed moves its lane to the end of the round
UPDATE jobs
SET status = 'started', ready = 0, run = run + 1, nonce = :nonce, renewal = renewal + 1, abort = 0,
    attempts = attempts + 1, node = :node, worker = :worker, started_at = :now
WHERE seq = :seq AND status = 'queued' AND (expires_at IS NULL OR expires_at > :now)
RETURNING *
