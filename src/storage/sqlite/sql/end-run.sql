-- Input:  seq, run, nonce, status, result, now, reaped (1 erases the token)
-- Output: the job has ended; `changes` is 0 when it was not in this run any more
-- Why:    started -> finished | failed, fenced
UPDATE jobs
SET status = :status, result = :result, ended_at = :now, keep_until = :now + result_ttl_ms,
    nonce = iif(:reaped, NULL, nonce)
WHERE seq = :seq AND status = 'started' AND run = :run AND nonce = :nonce
