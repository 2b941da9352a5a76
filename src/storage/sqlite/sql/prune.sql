-- Input:  now, max
-- Output: ended jobs whose retention has run out are gone, the longest due first; one row for each
-- Why:    the trigger jobs_forgotten removes everything else stored about them. One whose delivery is pending is what
--         its receiver is to be told; prune-owed.sql has put those off that were in the way
DELETE FROM jobs
WHERE seq IN (
  SELECT seq FROM jobs
  WHERE keep_until IS NOT NULL AND keep_until <= +:now
  ORDER BY keep_until
  LIMIT +:max
) AND seq NOT IN (SELECT seq FROM deliveries WHERE due_at IS NOT NULL AND seq = jobs.seq)
RETURNING 1 AS gone
