-- WITHOUT ROWID is written by hand: one b-tree instead of two.
CREATE TABLE `marked` (
	`block` integer PRIMARY KEY NOT NULL,
	`active` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `marks` (
	`block` integer NOT NULL,
	`field` integer NOT NULL,
	`value` text NOT NULL,
	`bits` blob NOT NULL,
	PRIMARY KEY(`block`, `field`, `value`)
) WITHOUT ROWID;
