-- Input:  seq, now, held
-- Output: the held job may start; `changes` is 0 when it is not held any more
-- Why:    guarded by the moment it waited for: a repeat, or a job that pauses before a retry, is left as it is
UPDATE jobs
SET ready = 1, run_at = NULL, expires_at = :now + ttl_ms
WHERE seq = :seq AND status = 'queued' AND run_at = :held
