import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { systemClock } from "../../../src/core/clock.ts";
import type { Finding } from "../../../src/storage/examiner.ts";
import { RULES } from "../../../src/storage/sqlite/examination/rules.ts";
import { openSqlite } from "../../../src/storage/sqlite/index.ts";
import { MIGRATIONS } from "../../../src/storage/sqlite/migrations/index.ts";
import { bytes, Factory } from "../../support/factory.ts";
import { type TempDir, tempDir } from "../../support/tempdir.ts";
import { reading } from "./backend.ts";

const dirs: TempDir[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) dir.remove();
});

/** A closed store with two jobs of each kind that the rules speak of, all in order. */
async function soundFile(): Promise<string> {
  const dir = tempDir("examine");
  dirs.push(dir);
  const path = dir.file("netpulse.db");
  const storage = await openSqlite({ path, clock: systemClock, synchronous: "normal" });
  await storage.migrate();
  const make = new Factory(storage);
  await make.queuedAll([{}, {}, { queue: "pinned_b" }]);
  await make.queuedAll([{ id: "job_delayed", runAt: Date.now() + 1e6 }]);
  const { token } = await make.started({ id: "job_a", queue: "pinned_a", lane: "a" });
  await storage.appendOutput({ token, offset: 0, bytes: bytes("one") });
  await storage.appendOutput({ token, offset: 3, bytes: bytes("two") });
  await make.started({ id: "job_c", queue: "pinned_c", lane: "c" });
  await make.inStatus("finished", { id: "job_done" });
  await make.inStatus("cancelled", { id: "job_off" });
  const webhook = { target: "http://t:80", timeoutMs: 1, sealed: bytes("sealed webhook") };
  await make.inStatus("cancelled", { id: "job_told", webhook });
  await make.worker({ name: "idle", queue: "pinned_idle" });
  await storage.close();
  return path;
}

async function examined(path: string, limit = 10): Promise<Finding[]> {
  const storage = await openSqlite({ path, clock: systemClock });
  try {
    return (await storage.examine({ limit })).findings;
  } finally {
    await storage.close();
  }
}

/** Changes rows behind the store's back: no trigger runs, no constraint holds. */
function tamper(path: string, ...statements: string[]): void {
  const db = new Database(path);
  const triggers = db
    .query<{ name: string; sql: string }, []>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    .all();
  db.run("PRAGMA ignore_check_constraints = ON");
  for (const { name } of triggers) db.run(`DROP TRIGGER ${name}`);
  for (const statement of statements) db.run(statement);
  for (const { sql } of triggers) db.run(sql);
  db.close();
}

const PAGE = 4096;

/** Where in the file the first page of a table or an index begins. */
function pageOf(path: string, name: string): number {
  return reading(path, (db) => {
    const found = db
      .query<{ rootpage: number }, [string]>("SELECT rootpage FROM sqlite_schema WHERE name = ?")
      .get(name);
    return ((found?.rootpage ?? 0) - 1) * PAGE;
  });
}

function overwrite(path: string, at: number, bytes: Uint8Array): void {
  const data = readFileSync(path);
  data.set(bytes, at);
  writeFileSync(path, data);
}

/** Each rule, what breaks it, and what is named. */
const BROKEN: [rule: string, subject: string, statements: string[]][] = [
  [
    "a started job has its token and who runs it",
    "job_a",
    ["UPDATE jobs SET nonce = NULL WHERE id = 'job_a'"],
  ],
  [
    "a pinned queue has one started job at most",
    "pinned_a",
    ["DROP INDEX jobs_exclusive", "UPDATE jobs SET queue = 'pinned_a' WHERE id = 'job_c'"],
  ],
  [
    "a worker has one started job at most",
    "w",
    ["DROP INDEX jobs_running", "UPDATE jobs SET worker = 'w' WHERE status = 'started'"],
  ],
  [
    "a started job runs on a worker of its queue and node",
    "job_a",
    ["UPDATE jobs SET node = 'other' WHERE id = 'job_a'"],
  ],
  [
    "the jobs of a pinned queue are exclusive, those of another are not",
    "job_a",
    ["UPDATE jobs SET exclusive = 0 WHERE id = 'job_a'"],
  ],
  [
    "a job has its end and its retention exactly when it has ended",
    "job_done",
    ["UPDATE jobs SET ended_at = NULL, keep_until = NULL WHERE id = 'job_done'"],
  ],
  [
    "a job has its result exactly when it has finished or failed",
    "job_done",
    ["UPDATE jobs SET result = NULL WHERE id = 'job_done'"],
  ],
  [
    "a job has its result exactly when it has finished or failed",
    "job_off",
    ["UPDATE jobs SET result = '{}' WHERE id = 'job_off'"],
  ],
  [
    "a finished job has been started, a queued one has not",
    "job_done",
    ["UPDATE jobs SET started_at = NULL WHERE id = 'job_done'"],
  ],
  [
    "a job with a webhook has its delivery exactly when it has ended",
    "job_told",
    ["UPDATE deliveries SET status = 'finished' WHERE job_id = 'job_told'"],
  ],
  [
    "a job with a webhook has its delivery exactly when it has ended",
    "job_told",
    ["UPDATE deliveries SET status = NULL, state = NULL, due_at = NULL WHERE job_id = 'job_told'"],
  ],
  [
    "a delivery is due exactly while it is pending",
    "job_told",
    ["UPDATE deliveries SET due_at = NULL WHERE job_id = 'job_told'"],
  ],
  [
    "what it takes to send a delivery is kept exactly until it is delivered",
    "job_told",
    ["UPDATE deliveries SET sealed = NULL WHERE job_id = 'job_told'"],
  ],
  ["what is kept as JSON is JSON", "job_told", ["UPDATE deliveries SET attempts = 'oops'"]],
  ["no queued job was asked to abort", "job_delayed", ["UPDATE jobs SET abort = 1 WHERE id = 'job_delayed'"]],
  [
    "a queued job that is not ready waits for its moment or for its end",
    "job_delayed",
    ["UPDATE jobs SET run_at = NULL WHERE id = 'job_delayed'"],
  ],
  ["a job has no more attempts than runs", "job_a", ["UPDATE jobs SET attempts = 2 WHERE id = 'job_a'"]],
  [
    "levels count the queued jobs",
    "FifoQ at 0",
    ["UPDATE levels SET depth = depth + 1 WHERE queue = 'FifoQ'"],
  ],
  ["levels count the queued jobs", "FifoQ at 0", ["DELETE FROM levels WHERE queue = 'FifoQ'"]],
  ["no level is without queued jobs", "q at 0", ["INSERT INTO levels VALUES ('q', 0, 1, 0)"]],
  [
    "lanes count the ready jobs",
    "FifoQ at 0, lane alice",
    ["UPDATE lanes SET ready = 1 WHERE queue = 'FifoQ'"],
  ],
  ["lanes count the ready jobs", "FifoQ at 0, lane alice", ["DELETE FROM lanes WHERE queue = 'FifoQ'"]],
  ["no lane is without ready jobs", "q at 0, lane l", ["INSERT INTO lanes VALUES ('q', 0, 'l', 1, 0, 0)"]],
  ["totals count the ended jobs", "cancelled", ["UPDATE totals SET n = 7 WHERE status = 'cancelled'"]],
  ["every job is in its span", "job_done", ["UPDATE jobs SET created_at = 1 WHERE id = 'job_done'"]],
  ["a marked block names its jobs that have not ended", "job_a", ["INSERT INTO marked VALUES (0, '[]')"]],
  [
    "marks have the bit of every job with their value",
    "job_off",
    [
      "INSERT INTO marked SELECT 0, json_group_array(seq) FROM jobs WHERE status IN ('queued', 'started')",
      "INSERT INTO marks VALUES (0, 7, 'cancelled', zeroblob(512))",
    ],
  ],
  [
    "a job has its sealed operation exactly until it has ended",
    "job_a",
    ["DELETE FROM payloads WHERE seq = (SELECT seq FROM jobs WHERE id = 'job_a')"],
  ],
  [
    "a job has its sealed operation exactly until it has ended",
    "job_done",
    ["INSERT INTO payloads SELECT seq, x'00' FROM jobs WHERE id = 'job_done'"],
  ],
  ["nothing is left of a forgotten job", "payloads of seq 999", ["INSERT INTO payloads VALUES (999, x'00')"]],
  ["nothing is left of a forgotten job", "logs of seq 999", ["INSERT INTO logs VALUES (999, 0, x'00')"]],
  [
    "nothing is left of a forgotten job",
    "idempotency of seq 999",
    ["INSERT INTO idempotency VALUES ('s', 'k', 999, 'f')"],
  ],
  ["the pieces of a log follow each other", "job_a", ["UPDATE logs SET offset = 4 WHERE offset = 3"]],
  ["what is kept as JSON is JSON", "job_done", ["UPDATE jobs SET result = 'oops' WHERE id = 'job_done'"]],
  ...["oops", "[1]", '"berlin"'].map((sites): (typeof BROKEN)[number] => [
    "a node's sites are a list of names",
    "node-1",
    [`UPDATE nodes SET name = 'node-1', sites = '${sites}' WHERE name = (SELECT min(name) FROM nodes)`],
  ]),
  [
    "a living worker has its node, alive and of its incarnation",
    "idle",
    ["UPDATE workers SET node = 'gone' WHERE name = 'idle'"],
  ],
  [
    "a living worker has its node, alive and of its incarnation",
    "idle",
    ["UPDATE workers SET incarnation = 'older' WHERE name = 'idle'"],
  ],
  ["a living worker has its node, alive and of its incarnation", "idle", ["UPDATE nodes SET lost = 1"]],
  [
    "a pinned queue has one living worker at most",
    "pinned_idle",
    ["DROP INDEX workers_pin", "UPDATE workers SET queue = 'pinned_idle', kind = 'pinned'"],
  ],
];

describe("examine names what must not be", () => {
  test("and there is a case for every rule", () => {
    expect([...new Set(BROKEN.map(([rule]) => rule))].toSorted()).toEqual(
      RULES.map(({ rule }) => rule).toSorted(),
    );
  });

  test.each(BROKEN)("%s: %s", async (rule, subject, statements) => {
    const path = await soundFile();
    expect(await examined(path)).toEqual([]);
    tamper(path, ...statements);
    expect(await examined(path)).toContainEqual({ rule, subject, detail: expect.stringMatching(/\S/) });
  });

  test("an index without an entry for a row", async () => {
    const path = await soundFile();
    const at = pageOf(path, "jobs_queue");
    const older = Buffer.from(readFileSync(path).subarray(at, at + PAGE));
    const storage = await openSqlite({ path, clock: systemClock });
    const { seq } = await new Factory(storage).queued({ id: "job_newest" });
    await storage.close();
    overwrite(path, at, older);
    expect(await examined(path)).toContainEqual({
      rule: "the file is sound",
      subject: "file",
      detail: `row ${seq} missing from index jobs_queue`,
    });
  });

  test("a damaged page, and what cannot be looked at for it", async () => {
    const path = await soundFile();
    overwrite(path, pageOf(path, "levels"), Buffer.alloc(PAGE, 0xff));
    const found = await examined(path);
    expect(found).toContainEqual(expect.objectContaining({ rule: "the file is sound" }));
    expect(found).toContainEqual({
      rule: "levels count the queued jobs",
      subject: "file",
      detail: expect.stringContaining("cannot be looked at"),
    });
  });

  test.each([
    ["a dropped index", "index jobs_due", "missing", "DROP INDEX jobs_due"],
    ["a changed table", "table workers", "changed", "ALTER TABLE workers ADD COLUMN x"],
    ["somebody's own table", "table theirs", "not ours", "CREATE TABLE theirs (a)"],
  ])("%s", async (_, subject, detail, statement) => {
    const path = await soundFile();
    tamper(path, statement);
    expect(await examined(path)).toContainEqual({
      rule: "the schema is what the migrations make",
      subject,
      detail,
    });
  });

  test("a dropped trigger, which would leave things behind", async () => {
    const path = await soundFile();
    const db = new Database(path);
    db.run("DROP TRIGGER jobs_forgotten");
    db.close();
    expect(await examined(path)).toEqual([
      {
        rule: "the schema is what the migrations make",
        subject: "trigger jobs_forgotten",
        detail: "missing",
      },
    ]);
  });

  test("a file that was marked as another program's while it was open", async () => {
    const path = await soundFile();
    const storage = await openSqlite({ path, clock: systemClock });
    tamper(path, "PRAGMA application_id = 7");
    expect((await storage.examine({ limit: 3 })).findings).toEqual([
      { rule: "the file is marked as NetPulse's", subject: "file", detail: "application_id is 7" },
    ]);
    await storage.close();
  });
});

describe("examine", () => {
  test("names at most as many findings of a rule as asked for", async () => {
    const path = await soundFile();
    tamper(path, "UPDATE jobs SET exclusive = 1 - exclusive");
    const named = async (limit: number) =>
      (await examined(path, limit)).filter(({ rule }) => rule.includes("exclusive")).length;
    expect(await named(2)).toBe(2);
    expect(await named(100)).toBeGreaterThan(2);
  });

  test("says of an older schema only that, and what helps", async () => {
    const path = await soundFile();
    tamper(path, `PRAGMA user_version = ${MIGRATIONS.length - 1}`);
    const storage = await openSqlite({ path, clock: systemClock });
    expect(await storage.examine({ limit: 3 })).toEqual({
      schema: { version: MIGRATIONS.length - 1, newest: MIGRATIONS.length },
      findings: [
        {
          rule: "the schema is the newest",
          subject: "schema",
          detail: expect.stringContaining("netpulse migrate"),
        },
      ],
      looked: {},
    });
    await storage.close();
  });

  test("refuses a newer schema", async () => {
    const path = await soundFile();
    tamper(path, "PRAGMA user_version = 99");
    await expect(examined(path)).rejects.toMatchObject({ name: "StorageError", kind: "schema_too_new" });
  });

  test("is answered before the store is closed", async () => {
    const storage = await openSqlite({ path: await soundFile(), clock: systemClock });
    let answered = false;
    const examining = storage.examine({ limit: 3 }).then(() => {
      answered = true;
    });
    await storage.close();
    expect(answered).toBe(true);
    await examining;
    await expect(storage.examine({ limit: 3 })).rejects.toMatchObject({ kind: "unavailable" });
  });
});
