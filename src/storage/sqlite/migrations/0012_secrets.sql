CREATE TABLE `secrets` (
	`name` text PRIMARY KEY NOT NULL,
	`sealed` blob NOT NULL,
	`fields` text NOT NULL,
	`devices` text,
	`changed_at` integer NOT NULL
);