-- Input:  now, max
-- Output: ended jobs whose retention has run out are gone, the longest due first; one row for each
-- Why:    the trigger jobs_forgotten removes everything else stored about them
DELETE FROM jobs
WHERE seq IN (
  SELECT seq FROM jobs
  WHERE keep_until IS NOT NULL AND keep_until <= +:now
  ORDER BY keep_until
  LIMIT +:max
)
RETURNING 1 AS gone
