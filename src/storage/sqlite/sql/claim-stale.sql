-- Input:  now, max
-- Output: queued jobs past their TTL are out of the way of claims; what each counted towards
-- Why:    each is looked at once here, instead of by every claim until the expirer has failed it
UPDATE jobs SET ready = 0, run_at = NULL
WHERE seq IN (
  SELECT seq FROM jobs
  WHERE status = 'queued' AND ready = 1 AND expires_at IS NOT NULL AND expires_at <= +:now
  ORDER BY expires_at
  LIMIT +:max
)
RETURNING seq, queue, priority, lane
