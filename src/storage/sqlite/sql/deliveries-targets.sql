-- Input:  now, busy (JSON list of targets), max
-- Output: the targets that have a delivery, but for the busy ones, those first whose first has waited longest; when it is due
-- Why:    one seek for each target, however many deliveries it has: a receiver that hangs must not hold up the others
WITH RECURSIVE targets (target) AS (
  SELECT min(target) FROM deliveries WHERE due_at IS NOT NULL
  UNION ALL
  SELECT (SELECT min(target) FROM deliveries WHERE due_at IS NOT NULL AND target > targets.target)
  FROM targets WHERE targets.target IS NOT NULL
)
SELECT target, (
  SELECT min(due_at) FROM deliveries WHERE due_at IS NOT NULL AND deliveries.target = targets.target
) AS due_at
FROM targets
WHERE target IS NOT NULL AND target NOT IN (SELECT value FROM json_each(:busy))
ORDER BY due_at, target
LIMIT +:max
