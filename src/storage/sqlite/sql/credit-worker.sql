-- Input:  worker, succeeded, failed, busy_ms
-- Output: the worker's counters have grown; nothing when it is gone
UPDATE workers
SET succeeded = succeeded + :succeeded, failed = failed + :failed, busy_ms = busy_ms + :busy_ms
WHERE name = :worker
