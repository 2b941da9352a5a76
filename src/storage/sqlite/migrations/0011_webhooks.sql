CREATE TABLE `deliveries` (
	`seq` integer PRIMARY KEY NOT NULL,
	`job_id` text NOT NULL,
	`target` text NOT NULL,
	`timeout_ms` integer NOT NULL,
	`sealed` blob,
	`status` text,
	`state` text,
	`claim` integer DEFAULT 0 NOT NULL,
	`leased` integer DEFAULT 0 NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`created_at` integer,
	`due_at` integer,
	`settled_at` integer,
	`attempts` text DEFAULT '[]' NOT NULL,
	CONSTRAINT "deliveries_due_is_pending" CHECK((due_at IS NOT NULL) = (state IS NOT NULL AND state = 'pending'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deliveries_job` ON `deliveries` (`job_id`);--> statement-breakpoint
CREATE INDEX `deliveries_due` ON `deliveries` (`target`,`due_at`) WHERE due_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `deliveries_state` ON `deliveries` (`state`,`job_id`) WHERE state IS NOT NULL;
--> statement-breakpoint
DROP TRIGGER jobs_forgotten;
--> statement-breakpoint
-- A job is forgotten with everything stored about it.
CREATE TRIGGER jobs_forgotten AFTER DELETE ON jobs
BEGIN
  UPDATE totals SET n = n - 1 WHERE status = OLD.status;
  DELETE FROM payloads WHERE seq = OLD.seq;
  DELETE FROM logs WHERE seq = OLD.seq;
  DELETE FROM idempotency WHERE seq = OLD.seq;
  DELETE FROM deliveries WHERE seq = OLD.seq;
END;
