import { Database, type Statement } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { appendOutput } from "../../../src/storage/sqlite/methods/append-output.ts";
import { cancel } from "../../../src/storage/sqlite/methods/cancel.ts";
import { cancelQueued } from "../../../src/storage/sqlite/methods/cancel-queued.ts";
import { claim } from "../../../src/storage/sqlite/methods/claim.ts";
import { enqueue } from "../../../src/storage/sqlite/methods/enqueue.ts";
import { expire } from "../../../src/storage/sqlite/methods/expire.ts";
import { heartbeat } from "../../../src/storage/sqlite/methods/heartbeat.ts";
import { removeNode } from "../../../src/storage/sqlite/methods/nodes.ts";
import { outputs, readOutput } from "../../../src/storage/sqlite/methods/output.ts";
import { prune } from "../../../src/storage/sqlite/methods/prune.ts";
import { counts, get, queues } from "../../../src/storage/sqlite/methods/read.ts";
import { leases, reap } from "../../../src/storage/sqlite/methods/reap.ts";
import { settle } from "../../../src/storage/sqlite/methods/settle.ts";
import { nodeLoads, waits } from "../../../src/storage/sqlite/methods/waits.ts";
import { listWorkers } from "../../../src/storage/sqlite/methods/workers.ts";
import { migrate } from "../../../src/storage/sqlite/migrate.ts";
import { Reader } from "../../../src/storage/sqlite/reader.ts";
import { prepareScan } from "../../../src/storage/sqlite/scan.ts";
import { Snapshot } from "../../../src/storage/sqlite/snapshot.ts";
import { Tally } from "../../../src/storage/sqlite/tally.ts";
import { Writer } from "../../../src/storage/sqlite/writer.ts";
import type { JobFilter } from "../../../src/storage/storage.ts";
import { FakeClock } from "../../support/clock.ts";
import { T0 } from "../../support/factory.ts";

/** Keeps the text of every statement that is prepared on it. */
class Recording extends Database {
  readonly statements: string[] = [];

  // biome-ignore lint/suspicious/noExplicitAny: the overridden signature has it
  override prepare(sql: string, ...rest: any[]): Statement<any, any> {
    this.statements.push(sql);
    return super.prepare(sql, ...rest);
  }

  plansSince(start: number): string[] {
    return this.statements.slice(start).flatMap((sql) =>
      super
        .prepare<{ detail: string }, []>(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map(({ detail }) => detail),
    );
  }
}

let db: Recording;
beforeAll(() => {
  db = new Recording(":memory:");
  migrate(db, ":memory:");
});
afterAll(() => db.close());

/** Statements that read the whole of something that grows with the number of jobs, or sort it. */
const SLOW = /^SCAN (jobs|payloads|logs|idempotency|spans|operations)\b(?!.*USING.*INDEX)|USE TEMP B-TREE/;

const ONE: Record<string, [JobFilter, string]> = {
  status: [{ status: "finished" }, "jobs_status"],
  queue: [{ queue: "FifoQ" }, "jobs_queue"],
  host: [{ host: "10.0.0.1" }, "jobs_host"],
  node: [{ node: "n" }, "jobs_node"],
  worker: [{ worker: "w" }, "jobs_worker"],
  driver: [{ driver: "cli" }, "jobs_driver"],
  "batch id": [{ batchId: "b" }, "jobs_batch"],
};

describe("a list", () => {
  const plansOf = (filter: JobFilter, order: "asc" | "desc" = "desc", after: number | null = null) => {
    const start = db.statements.length;
    prepareScan(db, "*")({ filter, order, limit: 1_000, after });
    // The first statement finds the blocks of a time.
    return db.plansSince(start).slice(1);
  };

  const cases = Object.entries(ONE).flatMap(([name, [filter, index]]) =>
    (["asc", "desc"] as const).flatMap((order) =>
      [null, 500].map((after) => ({ name, filter, index, order, after })),
    ),
  );

  test.each(cases)("by $name, $order, after $after, walks its index", ({ filter, index, order, after }) => {
    const column = index === "jobs_batch" ? "batch_id" : index.replace("jobs_", "");
    expect(plansOf(filter, order, after)).toEqual([
      `SEARCH jobs USING INDEX ${index} (${column}=? AND rowid>? AND rowid<?)`,
    ]);
  });

  test.each(["asc", "desc"] as const)("of everything, %s, walks the table in its own order", (order) => {
    const plan = ["SEARCH jobs USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"];
    expect(plansOf({}, order, null)).toEqual(plan);
    expect(plansOf({}, order, 500)).toEqual(plan);
  });

  test("by any two conditions looks into their indexes and walks one of them", () => {
    const singles = Object.values(ONE);
    for (const [one, first] of singles) {
      for (const [two, second] of singles.filter(([, index]) => index !== first)) {
        const plans = plansOf({ ...one, ...two });
        expect(plans).toHaveLength(3);
        const ours = plans.filter((plan) => plan.includes(first) || plan.includes(second));
        expect(ours).toEqual(plans);
        expect(plans.filter((plan) => SLOW.test(plan))).toEqual([]);
      }
    }
  });

  const wide = Object.entries(ONE).filter(([name]) => name !== "status");
  test.each(wide)("of what did not succeed, by %s, walks an index of just that", (_, [filter, index]) => {
    for (const status of ["failed", "cancelled"] as const) {
      expect(plansOf({ ...filter, status })).toEqual([
        expect.stringMatching(
          new RegExp(`^SEARCH jobs USING INDEX ${index}_failing .\\w+=\\? AND status=\\? AND rowid>`),
        ),
      ]);
    }
  });

  test("of what is started looks at no more than that", () => {
    const plan = ["SCAN jobs USING INDEX jobs_running", "USE TEMP B-TREE FOR ORDER BY"];
    expect(plansOf({ status: "started" })).toEqual(plan);
    expect(plansOf({ status: "started", host: "10.0.0.1", node: "n" })).toEqual(plan);
  });

  test("by time walks only the blocks of that time", () => {
    db.run(`INSERT INTO spans VALUES (3, ${T0}, ${T0 + 1_000})`);
    const plans = plansOf({ since: T0, until: T0 + 10 });
    db.run("DELETE FROM spans");
    expect(plans).toEqual(Array(2).fill("SEARCH jobs USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"));
  });
});

describe("every other statement", () => {
  const patience = { path: ":memory:", clock: new FakeClock() };
  const snapshot = () => new Snapshot(db);
  const writer = () => new Writer({ db, patience, snapshot: snapshot(), wal: null, emit: () => {} });
  const reader = () => new Reader(patience, snapshot(), { unsynced: null });
  const TX = { now: T0, hint: () => {} };
  const methods: Record<string, () => unknown> = {
    enqueue: () => enqueue(db),
    claim: () => claim(db, writer()),
    heartbeat: () => heartbeat(db),
    appendOutput: () => appendOutput(db),
    readOutput: () => readOutput(db),
    outputs: () => outputs(db),
    settle: () => settle(db),
    cancel: () => cancel(db),
    cancelQueued: () => cancelQueued(db, writer()),
    leases: () => leases(db),
    reap: () => reap(db),
    get: () => get(db),
    counts: () => counts(db),
    queues: () => queues(db, reader()),
    waits: () => waits(db, reader()),
    nodeLoads: () => nodeLoads(db, reader()),
    prune: () => prune(db, writer(), reader()),
    removeNode: () => removeNode(db)({ name: "n", incarnation: "i" }, { ...TX, tally: new Tally(db) }),
    listWorkers: () => listWorkers(db)({ filter: { status: "busy" }, limit: 10 }),
    "what follows from the jobs": () => {
      const tally = new Tally(db);
      tally.ended(1, "finished", T0);
      tally.write();
    },
  };

  /** Bounded by more than the plan can show. */
  const allowed: Record<string, string[]> = {
    heartbeat: ["USE TEMP B-TREE FOR ORDER BY"], // the few workers of one node that were asked to stop
    cancelQueued: ["SCAN spans"], // one row for a thousand jobs
    leases: ["USE TEMP B-TREE FOR ORDER BY"], // those that are started
    prune: ["SCAN operations"], // the first thousand
  };

  test.each(Object.entries(methods))("of %s finds its rows by an index", (name, prepare) => {
    const start = db.statements.length;
    prepare();
    const plans = db.plansSince(start);
    expect(plans.length).toBeGreaterThan(0);
    expect(plans.filter((plan) => SLOW.test(plan))).toEqual(allowed[name] ?? []);
  });

  test("of expire reads two ranges of an index and sorts no more than it takes", () => {
    const start = db.statements.length;
    expire(db, writer());
    const plans = db.plansSince(start);
    expect(plans.filter((plan) => /\bjobs\b/.test(plan))).toEqual([
      "SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)",
      ...Array.from(
        { length: 2 },
        () => "SEARCH jobs USING COVERING INDEX jobs_expires (ready=? AND expires_at>? AND expires_at<?)",
      ),
      "SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)",
    ]);
  });
});
