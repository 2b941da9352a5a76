CREATE TABLE `batches` (
	`id` text PRIMARY KEY NOT NULL,
	`record` text NOT NULL,
	`phase` text NOT NULL,
	`reason` text,
	`stored` integer NOT NULL,
	`watched` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `batches_watched` ON `batches` (`id`) WHERE watched = 1;