-- Input:  worker, queue, node, incarnation
-- Output: one row when this worker may be given a job of this queue
-- Why:    asked inside the claim's transaction, so that a stop, a suspension or a lost node counts from its answer on.
--         `+:name`: without the plus SQLite prepares a statement with a join or ORDER BY anew at every binding
SELECT 1 AS free
FROM workers AS w
JOIN nodes AS n ON n.name = w.node AND n.incarnation = w.incarnation
WHERE w.name = +:worker
  AND w.queue = +:queue
  AND w.node = +:node
  AND w.incarnation = +:incarnation
  AND w.died_at IS NULL
  AND w.stop = 0
  AND w.suspended = 0
  AND n.lost = 0
  AND NOT EXISTS (SELECT 1 FROM jobs WHERE worker = w.name AND status = 'started')
