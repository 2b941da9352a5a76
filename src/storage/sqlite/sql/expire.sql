-- Input:  seq, now, result
-- Output: the job has failed; `changes` is 0 when it was not queued any more
-- Why:    queued -> failed
UPDATE jobs
SET status = 'failed', ready = 0, result = :result, ended_at = :now, keep_until = :now + result_ttl_ms
WHERE seq = :seq AND status = 'queued'
