-- Input:  seq, nonce, node, worker, now
-- Output: the job is started; `changes` is 0 when it was not queued
-- Why:    queued -> started. The claim has looked at the job in the same transaction
UPDATE jobs
SET status = 'started', ready = 0, run = run + 1, nonce = :nonce, renewal = renewal + 1, abort = 0,
    attempts = attempts + 1, node = :node, worker = :worker, started_at = :now
WHERE seq = :seq AND status = 'queued'
