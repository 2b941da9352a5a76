-- WITHOUT ROWID is written by hand: drizzle has no word for it. These tables are one b-tree instead of two.
CREATE TABLE `host_keys` (
	`site` text NOT NULL,
	`host` text NOT NULL,
	`port` integer NOT NULL,
	`algorithm` text NOT NULL,
	`fingerprint` text NOT NULL,
	`first_seen` integer NOT NULL,
	PRIMARY KEY(`site`, `host`, `port`)
);
--> statement-breakpoint
CREATE TABLE `idempotency` (
	`scope` text NOT NULL,
	`key` text NOT NULL,
	`seq` integer NOT NULL,
	`fingerprint` text NOT NULL,
	PRIMARY KEY(`scope`, `key`, `seq`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `idempotency_seq` ON `idempotency` (`seq`);--> statement-breakpoint
CREATE TABLE `jobs` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`status` text NOT NULL,
	`queue` text NOT NULL,
	`exclusive` integer NOT NULL,
	`driver` text NOT NULL,
	`host` text NOT NULL,
	`site` text,
	`batch_id` text,
	`command` text NOT NULL,
	`retval_shape` text NOT NULL,
	`priority` integer NOT NULL,
	`lane` text NOT NULL,
	`ready` integer NOT NULL,
	`run_at` integer,
	`ttl_ms` integer,
	`expires_at` integer,
	`result_ttl_ms` integer NOT NULL,
	`execution_timeout_ms` integer NOT NULL,
	`retries` integer NOT NULL,
	`created_at` integer NOT NULL,
	`enqueued_at` integer NOT NULL,
	`started_at` integer,
	`ended_at` integer,
	`keep_until` integer,
	`attempts` integer DEFAULT 0 NOT NULL,
	`run` integer DEFAULT 0 NOT NULL,
	`nonce` text,
	`renewal` integer DEFAULT 0 NOT NULL,
	`abort` integer DEFAULT 0 NOT NULL,
	`node` text,
	`worker` text,
	`result` text,
	CONSTRAINT "jobs_ready_is_queued" CHECK(ready = 0 OR status = 'queued'),
	CONSTRAINT "jobs_ended_is_kept" CHECK((ended_at IS NULL) = (keep_until IS NULL))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_id` ON `jobs` (`id`);--> statement-breakpoint
CREATE INDEX `jobs_status` ON `jobs` (`status`);--> statement-breakpoint
CREATE INDEX `jobs_queue` ON `jobs` (`queue`);--> statement-breakpoint
CREATE INDEX `jobs_host` ON `jobs` (`host`);--> statement-breakpoint
CREATE INDEX `jobs_driver` ON `jobs` (`driver`);--> statement-breakpoint
CREATE INDEX `jobs_node` ON `jobs` (`node`) WHERE node IS NOT NULL;--> statement-breakpoint
CREATE INDEX `jobs_worker` ON `jobs` (`worker`) WHERE worker IS NOT NULL;--> statement-breakpoint
CREATE INDEX `jobs_batch` ON `jobs` (`batch_id`) WHERE batch_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `jobs_ready` ON `jobs` (`queue`,`priority`,`lane`) WHERE ready = 1;--> statement-breakpoint
CREATE INDEX `jobs_due` ON `jobs` (`queue`,`run_at`) WHERE ready = 0 AND status = 'queued' AND run_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `jobs_waiting` ON `jobs` (`queue`,`enqueued_at`) WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX `jobs_expires` ON `jobs` (`ready`,`expires_at`) WHERE status = 'queued' AND expires_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `jobs_keep` ON `jobs` (`keep_until`) WHERE keep_until IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_exclusive` ON `jobs` (`queue`) WHERE status = 'started' AND exclusive = 1;--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_running` ON `jobs` (`worker`) WHERE status = 'started';--> statement-breakpoint
CREATE TABLE `lanes` (
	`queue` text NOT NULL,
	`priority` integer NOT NULL,
	`lane` text NOT NULL,
	`ready` integer NOT NULL,
	`served` integer NOT NULL,
	`first_seq` integer NOT NULL,
	PRIMARY KEY(`queue`, `priority`, `lane`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `lanes_next` ON `lanes` (`queue`,priority DESC,`served`,`first_seq`);--> statement-breakpoint
CREATE TABLE `levels` (
	`queue` text NOT NULL,
	`priority` integer NOT NULL,
	`depth` integer NOT NULL,
	`tick` integer NOT NULL,
	PRIMARY KEY(`queue`, `priority`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `logs` (
	`seq` integer NOT NULL,
	`offset` integer NOT NULL,
	`bytes` blob NOT NULL,
	PRIMARY KEY(`seq`, `offset`)
);
--> statement-breakpoint
CREATE TABLE `nodes` (
	`name` text PRIMARY KEY NOT NULL,
	`incarnation` text NOT NULL,
	`hostname` text NOT NULL,
	`pid` integer NOT NULL,
	`capacity` integer NOT NULL,
	`beat` integer NOT NULL,
	`last_heartbeat` integer NOT NULL,
	`lost` integer NOT NULL,
	`host_memory` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `operations` (
	`n` integer PRIMARY KEY NOT NULL,
	`op` text NOT NULL,
	`part` integer NOT NULL,
	`at` integer NOT NULL,
	`answer` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `operations_op` ON `operations` (`op`,`part`);--> statement-breakpoint
CREATE TABLE `payloads` (
	`seq` integer PRIMARY KEY NOT NULL,
	`sealed` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `spans` (
	`block` integer PRIMARY KEY NOT NULL,
	`min_at` integer NOT NULL,
	`max_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `totals` (
	`status` text PRIMARY KEY NOT NULL,
	`n` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `workers` (
	`name` text PRIMARY KEY NOT NULL,
	`node` text NOT NULL,
	`incarnation` text NOT NULL,
	`kind` text NOT NULL,
	`queue` text NOT NULL,
	`hostname` text NOT NULL,
	`pid` integer NOT NULL,
	`host` text,
	`site` text,
	`session` text NOT NULL,
	`sessions_opened` integer NOT NULL,
	`birth_at` integer NOT NULL,
	`died_at` integer,
	`last_heartbeat` integer,
	`suspended` integer NOT NULL,
	`stop` integer NOT NULL,
	`succeeded` integer NOT NULL,
	`failed` integer NOT NULL,
	`busy_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `workers_node` ON `workers` (`node`);--> statement-breakpoint
CREATE INDEX `workers_queue` ON `workers` (`queue`);--> statement-breakpoint
CREATE INDEX `workers_host` ON `workers` (`host`) WHERE host IS NOT NULL;--> statement-breakpoint
CREATE INDEX `workers_stop` ON `workers` (`node`) WHERE stop = 1;--> statement-breakpoint
CREATE INDEX `workers_died` ON `workers` (`died_at`) WHERE died_at IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `workers_pin` ON `workers` (`queue`) WHERE kind = 'pinned' AND died_at IS NULL;