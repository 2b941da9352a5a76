import { randomBytes } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import { StorageError } from "../../core/errors.ts";
import type { RedisLink, Script } from "./link.ts";
import beginSource from "./lua/begin-migration.lua" with { type: "text" };
import endSource from "./lua/end-migration.lua" with { type: "text" };
import initialSource from "./lua/migrations/0001-initial.lua" with { type: "text" };
import nodeSitesSource from "./lua/migrations/0002-node-sites.lua" with { type: "text" };
import batchesSource from "./lua/migrations/0003-batches.lua" with { type: "text" };
import tasksSource from "./lua/migrations/0004-tasks.lua" with { type: "text" };
import keysAndAuditSource from "./lua/migrations/0005-keys-and-audit.lua" with { type: "text" };
import webhooksSource from "./lua/migrations/0006-webhooks.lua" with { type: "text" };
import secretsSource from "./lua/migrations/0007-secrets.lua" with { type: "text" };
import { int, list, text } from "./replies.ts";
import { script } from "./scripts.ts";

const BEGIN = script("begin-migration", beginSource);
const END = script("end-migration", endSource);

/** In order; one that was released never changes. */
export const MIGRATIONS: readonly Script[] = [
  script("0001-initial", initialSource),
  script("0002-node-sites", nodeSitesSource),
  script("0003-batches", batchesSource),
  script("0004-tasks", tasksSource),
  script("0005-keys-and-audit", keysAndAuditSource),
  script("0006-webhooks", webhooksSource),
  script("0007-secrets", secretsSource),
];

/** Where the version, the number of shards and the lock are. */
export const SCHEMA_SHARD = 0;
const PAUSE_MS = 100;
const PATIENCE_MS = 60_000;

export interface MigrateDeps {
  link: RedisLink;
  clock: Clock;
  /** Each brings every shard from one version to the next; run again after a crash, so it must bear that. */
  migrations?: readonly Script[];
}

/**
 * Brings the store to the newest schema. One process does it, under a lock that lapses when its holder dies; the
 * others wait. The number of shards is part of what is stored: another one would look for jobs where they are not.
 */
export async function migrate({ link, clock, migrations = MIGRATIONS }: MigrateDeps) {
  const owner = randomBytes(12).toString("base64url");
  const since = clock.monotonic();
  const newest = migrations.length;
  for (;;) {
    const [state, found] = list(await link.run(BEGIN, SCHEMA_SHARD, [newest, link.shards, owner]));
    const from = int(found);
    switch (text(state)) {
      case "newer":
        throw new StorageError(
          "schema_too_new",
          `the store has schema version ${from}, this program knows ${newest}: start the newer program, or set storage.redis.prefix to another store`,
        );
      case "shards":
        throw new StorageError(
          "corrupt",
          `the store was made with storage.redis.shards = ${from}, not ${link.shards}: set it to ${from}, or storage.redis.prefix to another store`,
        );
      case "done":
        return { from, to: newest };
      case "yours":
        await apply(link, migrations.slice(from), owner, newest);
        return { from, to: newest };
    }
    if (clock.monotonic() - since > PATIENCE_MS)
      throw new StorageError(
        "unavailable",
        "another process has been changing the store's schema for a minute",
      );
    await new Promise<void>((resume) => clock.after(PAUSE_MS, resume));
  }
}

async function apply(link: RedisLink, steps: readonly Script[], owner: string, newest: number) {
  for (const step of steps) {
    for (let shard = 0; shard < link.shards; shard++)
      await link.run(step, shard, [link.shards], { durable: true });
  }
  const ended = await link.run(END, SCHEMA_SHARD, [owner, newest, link.shards], { durable: true });
  if (int(ended) === 0)
    throw new StorageError(
      "unavailable",
      "changing the store's schema took so long that another process began it anew",
    );
}
