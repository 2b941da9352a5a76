import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/core/clock.ts";
import { APPLICATION_ID } from "../../../src/storage/sqlite/connection.ts";
import { look } from "../../../src/storage/sqlite/examination/look.ts";
import { openSqlite } from "../../../src/storage/sqlite/index.ts";
import { MIGRATIONS } from "../../../src/storage/sqlite/migrations/index.ts";
import { succeeded } from "../../../src/storage/storage.ts";
import { EXPIRED, Factory, HOUR, LOST, MINUTE, T0 } from "../../support/factory.ts";
import { type TempDir, tempDir } from "../../support/tempdir.ts";

const dirs: TempDir[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) dir.remove();
});

const NODE = { name: "node-1", incarnation: "inc-1" };

/** A file as the first program left it: what follows from the jobs was then kept by triggers. */
function oldFile(): string {
  const dir = tempDir("migrate");
  dirs.push(dir);
  const path = dir.file("netpulse.db");
  const db = new Database(path);
  db.run("PRAGMA auto_vacuum = INCREMENTAL");
  db.run("PRAGMA journal_mode = WAL");
  for (const migration of MIGRATIONS.slice(0, 2)) db.run(migration);
  db.run("PRAGMA user_version = 2");
  db.run(`PRAGMA application_id = ${APPLICATION_ID}`);
  db.run(
    `INSERT INTO nodes VALUES ('${NODE.name}', '${NODE.incarnation}', 'machine', 1, 10, 1, ${T0}, 0, '{}')`,
  );
  fill(db);
  db.close();
  return path;
}

/** Jobs in every status and every kind of waiting, brought there as the first program did. */
function fill(db: Database): void {
  const insert = db.prepare(
    `INSERT INTO jobs (id, status, queue, exclusive, driver, host, command, retval_shape, priority, lane, ready, run_at,
       ttl_ms, expires_at, result_ttl_ms, execution_timeout_ms, retries, created_at, enqueued_at)
     VALUES (?, 'queued', ?, ?, 'cli', 'h', '["show version"]', 'text', ?, ?, ?, ?, ?, ?, ${HOUR}, ${MINUTE}, 1, ${T0}, ${T0})`,
  );
  const sealed = db.prepare(
    "INSERT INTO payloads (seq, sealed) VALUES ((SELECT seq FROM jobs WHERE id = ?), x'00')",
  );
  const add = (
    id: string,
    queue: string,
    priority = 0,
    lane = "a",
    runAt: number | null = null,
    ttl: number | null = null,
  ) => {
    const expiresAt = ttl === null ? null : T0 + ttl;
    insert.run(
      id,
      queue,
      queue === "FifoQ" ? 0 : 1,
      priority,
      lane,
      runAt === null ? 1 : 0,
      runAt,
      ttl,
      expiresAt,
    );
    sealed.run(id);
  };
  for (const id of ["ready-1", "ready-2", "run", "done", "broken", "off"]) add(id, "FifoQ");
  add("other lane", "FifoQ", 0, "b");
  add("urgent", "FifoQ", 5, "b");
  add("delayed", "FifoQ", 0, "c", T0 + MINUTE);
  add("stale", "FifoQ", 0, "d", null, 10);
  add("pinned run", "pinned_a");
  add("pinned wait", "pinned_a");
  db.run("UPDATE jobs SET ready = 0 WHERE id = 'stale'");
  for (const [n, id] of ["run", "done", "broken", "pinned run"].entries()) {
    db.run(
      `UPDATE jobs SET status = 'started', ready = 0, run = 1, attempts = 1, nonce = 'n', node = 'node-1',
       worker = 'old-${n}', started_at = ${T0} WHERE id = '${id}'`,
    );
  }
  const end = (id: string, status: string, result: string | null) =>
    db
      .query("UPDATE jobs SET status = ?, ready = 0, result = ?, ended_at = ?, keep_until = ? WHERE id = ?")
      .run(status, result, T0, T0 + HOUR, id);
  end("done", "finished", '{"type":"success","error":null}');
  end("broken", "failed", '{"type":"failed","error":null}');
  end("off", "cancelled", null);
  for (const statement of [insert, sealed]) statement.finalize();
}

async function migrated() {
  const path = oldFile();
  const storage = await openSqlite({ path, clock: systemClock });
  expect(await storage.migrate()).toEqual({ from: 2, to: MIGRATIONS.length });
  return { path, storage, make: new Factory(storage) };
}

describe("a file of an older program", () => {
  test("is migrated as it is, consistent and complete", async () => {
    const { path, storage } = await migrated();
    expect(await storage.counts()).toEqual({ queued: 7, started: 2, finished: 1, failed: 1, cancelled: 1 });
    expect(await storage.nodes()).toMatchObject([{ name: NODE.name, sites: null }]);
    expect(await storage.queues({ now: T0 })).toEqual([
      { queue: "FifoQ", depth: 6, oldestAt: T0, dueInMs: MINUTE },
      { queue: "pinned_a", depth: 1, oldestAt: T0, dueInMs: null },
    ]);
    await storage.close();
    expect(look(path, 3).findings).toEqual([]);
  });

  test("goes on where it was: its jobs are claimed, reaped, expired, cancelled, listed and forgotten", async () => {
    const { path, storage, make } = await migrated();
    const worker = await make.worker({}, NODE);
    const claimed: string[] = [];
    for (let n = 0; n < 4; n++) {
      const { token } = await make.mustClaim(worker);
      await make.settle(token, succeeded());
      claimed.push(token.id);
    }
    expect(claimed).toEqual(["urgent", "other lane", "ready-1", "ready-2"]);
    expect(await storage.expire({ max: 10, error: EXPIRED, now: T0 + 20 })).toEqual({ ids: ["stale"] });
    expect(await storage.reap({ leases: await storage.leases(), error: LOST, now: T0 })).toEqual([
      "requeued",
      "requeued",
    ]);
    const { ids } = await storage.cancelQueued({ op: make.op(), filter: {}, now: T0 });
    expect(ids.toSorted()).toEqual(["delayed", "pinned run", "pinned wait", "run"]);
    const failed = await storage.list({ filter: { status: "failed", host: "h" }, order: "asc", limit: 10 });
    expect(failed.jobs.map(({ id }) => id)).toEqual(["broken", "stale"]);
    expect(await storage.prune({ max: 100, now: T0 + 2 * HOUR })).toEqual({ pruned: 12 });
    expect(await storage.counts()).toEqual({ queued: 0, started: 0, finished: 0, failed: 0, cancelled: 0 });
    await storage.close();
    expect(look(path, 3).findings).toEqual([]);
  });
});
