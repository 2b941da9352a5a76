-- Input:  queue, priority, lane
-- Output: the lane's first ready job with its sealed operation; no row when the lane has none
-- Why:    one seek however long the lane is.
--         `+:name`: without the plus SQLite prepares a statement with a join or ORDER BY anew at every binding
SELECT id, seq, status, queue, driver, host, site, node, worker, batch_id, command, retval_shape, priority, attempts,
  created_at, enqueued_at, started_at, ended_at, expires_at, result, exclusive, run, nonce, retries,
  execution_timeout_ms, ttl_ms, sealed
FROM jobs INDEXED BY jobs_ready LEFT JOIN payloads USING (seq)
WHERE ready = 1 AND queue = +:queue AND priority = +:priority AND lane = +:lane
ORDER BY seq
LIMIT 1
