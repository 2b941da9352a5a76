CREATE TABLE `tasks` (
	`id` text PRIMARY KEY NOT NULL,
	`site` text,
	`host` text NOT NULL,
	`driver` text NOT NULL,
	`command` text NOT NULL,
	`state` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`sealed` blob NOT NULL
);
--> statement-breakpoint
CREATE INDEX `tasks_due` ON `tasks` (`expires_at`);