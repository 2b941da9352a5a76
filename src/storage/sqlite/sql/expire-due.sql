-- Input:  now, max
-- Output: the queued jobs whose TTL has run out, the longest expired first, and what each counts towards
-- Why:    two index ranges: those that claims have seen and put aside, and the rest
SELECT seq, id, queue, priority, lane, ready FROM jobs
WHERE seq IN (
  SELECT seq FROM (
    SELECT seq, expires_at FROM (
      SELECT seq, expires_at FROM jobs
      WHERE status = 'queued' AND ready = 0 AND expires_at IS NOT NULL AND expires_at <= +:now
      ORDER BY expires_at LIMIT +:max
    )
    UNION ALL
    SELECT seq, expires_at FROM (
      SELECT seq, expires_at FROM jobs
      WHERE status = 'queued' AND ready = 1 AND expires_at IS NOT NULL AND expires_at <= +:now
      ORDER BY expires_at LIMIT +:max
    )
  )
  ORDER BY expires_at, seq
  LIMIT +:max
)
ORDER BY expires_at, seq
