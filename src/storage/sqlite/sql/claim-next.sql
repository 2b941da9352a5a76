-- Input:  queue
-- Output: the seq of the job whose turn it is; no row when there is none, or the queue is exclusive and busy
-- Why:    two index seeks however many jobs and lanes there are: first the lane, then its first job.
--         `+:name`: without the plus SQLite prepares a statement with a join or ORDER BY anew at every binding
SELECT (
  SELECT seq FROM jobs
  WHERE ready = 1 AND queue = l.queue AND priority = l.priority AND lane = l.lane
  ORDER BY seq
  LIMIT 1
) AS seq
FROM lanes AS l
WHERE l.queue = +:queue
  AND NOT EXISTS (SELECT 1 FROM jobs WHERE queue = +:queue AND status = 'started' AND exclusive = 1)
ORDER BY l.priority DESC, l.served, l.first_seq
LIMIT 1
