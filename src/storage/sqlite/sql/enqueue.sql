-- Input:  the job; `ready` is 0 when it waits for `run_at`
-- Output: its seq; no row when a job with this id is there already
-- Why:    the trigger jobs_stored puts it into its queue and lane
INSERT INTO jobs (
  id, status, queue, exclusive, driver, host, site, batch_id, command, retval_shape, priority, lane, ready, run_at,
  ttl_ms, expires_at, result_ttl_ms, execution_timeout_ms, retries, created_at, enqueued_at
) VALUES (
  :id, 'queued', :queue, :exclusive, :driver, :host, :site, :batch_id, :command, :retval_shape, :priority, :lane,
  :ready, :run_at, :ttl_ms, :expires_at, :result_ttl_ms, :execution_timeout_ms, :retries, :created_at, :enqueued_at
)
ON CONFLICT (id) DO NOTHING
RETURNING seq
