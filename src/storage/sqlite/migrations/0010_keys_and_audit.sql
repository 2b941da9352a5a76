CREATE TABLE `api_keys` (
	`name` text PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`record` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_id` ON `api_keys` (`id`);--> statement-breakpoint
CREATE TABLE `audit` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`outcome` text NOT NULL,
	`host` text,
	`site` text,
	`job` text,
	`batch` text,
	`detail` text
);
--> statement-breakpoint
CREATE INDEX `audit_host` ON `audit` (`host`) WHERE host IS NOT NULL;
--> statement-breakpoint
-- What was written down stays as it was written.
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit log is only added to');
END;
