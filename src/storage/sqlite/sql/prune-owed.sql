-- Input:  now, max, until
-- Output: of the ended jobs whose retention has run out, the longest due first, those whose delivery is pending are kept
--         until then
-- Why:    else they would stand before the others, and be looked at by every call
UPDATE jobs SET keep_until = :until
WHERE seq IN (
  SELECT due.seq FROM (
    SELECT seq FROM jobs
    WHERE keep_until IS NOT NULL AND keep_until <= +:now
    ORDER BY keep_until
    LIMIT +:max
  ) AS due
  JOIN deliveries ON deliveries.seq = due.seq AND deliveries.due_at IS NOT NULL
)
