DROP INDEX `jobs_status`;--> statement-breakpoint
DROP INDEX `jobs_waiting`;--> statement-breakpoint
CREATE INDEX `jobs_queue_failing` ON `jobs` (`queue`,`status`) WHERE status IN ('failed', 'cancelled');--> statement-breakpoint
CREATE INDEX `jobs_host_failing` ON `jobs` (`host`,`status`) WHERE status IN ('failed', 'cancelled');--> statement-breakpoint
CREATE INDEX `jobs_driver_failing` ON `jobs` (`driver`,`status`) WHERE status IN ('failed', 'cancelled');--> statement-breakpoint
CREATE INDEX `jobs_node_failing` ON `jobs` (`node`,`status`) WHERE node IS NOT NULL AND status IN ('failed', 'cancelled');--> statement-breakpoint
CREATE INDEX `jobs_worker_failing` ON `jobs` (`worker`,`status`) WHERE worker IS NOT NULL AND status IN ('failed', 'cancelled');--> statement-breakpoint
CREATE INDEX `jobs_batch_failing` ON `jobs` (`batch_id`,`status`) WHERE batch_id IS NOT NULL AND status IN ('failed', 'cancelled');--> statement-breakpoint
CREATE INDEX `jobs_status` ON `jobs` (`status`) WHERE status <> 'started';--> statement-breakpoint
CREATE INDEX `jobs_waiting` ON `jobs` (`queue`,`enqueued_at`) WHERE ready = 0 AND status = 'queued';