-- Input:  the values of a job, in this order; `ready` is 0 when it waits for `run_at`
-- Output: nothing; the caller adds what to do when a job with this id is there already
-- Why:    repeated for many rows in one statement (see insert-jobs.ts)
INSERT INTO jobs (
  status, id, queue, exclusive, driver, host, site, batch_id, command, retval_shape, priority, lane, ready, run_at,
  ttl_ms, expires_at, result_ttl_ms, execution_timeout_ms, retries, created_at, enqueued_at
) VALUES ('queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
