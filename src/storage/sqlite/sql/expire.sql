-- Input:  now, result, max
-- Output: the ids that were failed
-- Why:    queued -> failed, oldest first. Two index ranges: those that claims have seen and put aside, and the rest
UPDATE jobs
SET status = 'failed', ready = 0, result = :result, ended_at = :now, keep_until = :now + result_ttl_ms
WHERE seq IN (
  SELECT seq FROM (
    SELECT seq, expires_at FROM (
      SELECT seq, expires_at FROM jobs
      WHERE status = 'queued' AND ready = 0 AND expires_at IS NOT NULL AND expires_at <= :now
      ORDER BY expires_at LIMIT :max
    )
    UNION ALL
    SELECT seq, expires_at FROM (
      SELECT seq, expires_at FROM jobs
      WHERE status = 'queued' AND ready = 1 AND expires_at IS NOT NULL AND expires_at <= :now
      ORDER BY expires_at LIMIT :max
    )
  )
  ORDER BY expires_at, seq
  LIMIT :max
)
RETURNING id, seq, expires_at
