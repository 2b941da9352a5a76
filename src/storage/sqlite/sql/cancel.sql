-- Input:  seq, now
-- Output: the job is cancelled; `changes` is 0 when it was not queued any more
-- Why:    queued -> cancelled, in the statement that checks it: a claim and a cancel cannot both win
UPDATE jobs
SET status = 'cancelled', ready = 0, ended_at = :now, keep_until = :now + result_ttl_ms
WHERE seq = :seq AND status = 'queued'
