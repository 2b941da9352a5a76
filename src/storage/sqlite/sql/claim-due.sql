-- Input:  queue, now, max
-- Output: delayed jobs of the queue whose moment has come are ready; what each now counts towards
-- Why:    a partial index cannot know what time it is. Bounded; the next claim takes the rest.
--         `+:name`: without the plus SQLite prepares a statement with a join or ORDER BY anew at every binding
UPDATE jobs SET ready = 1
WHERE seq IN (
  SELECT seq FROM jobs
  WHERE queue = +:queue AND ready = 0 AND status = 'queued' AND run_at IS NOT NULL AND run_at <= +:now
  ORDER BY run_at
  LIMIT +:max
)
RETURNING seq, queue, priority, lane
