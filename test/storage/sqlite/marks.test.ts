import { afterEach, describe, expect, test } from "bun:test";
import type { Job } from "../../../src/core/job.ts";
import { LISTED_COLUMNS } from "../../../src/storage/sqlite/rows.ts";
import { prepareScan } from "../../../src/storage/sqlite/scan.ts";
import { failed, type JobFilter, succeeded } from "../../../src/storage/storage.ts";
import { DEVICE_AWAY, Factory, HOUR, T0 } from "../../support/factory.ts";
import { reading, sqliteBackend } from "./backend.ts";

const BLOCK = 4_096;
const JOBS = 3 * BLOCK + 500;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/**
 * Three whole blocks and the beginning of a fourth, come to rest but for a few jobs. Two devices with a driver each
 * take turns, so that their jobs lie side by side and no condition on both is ever met.
 */
async function restingStore() {
  const backend = await sqliteBackend();
  ends.push(backend.dispose);
  const { storage, path } = backend;
  await storage.migrate();
  const make = new Factory(storage);
  const given = Array.from({ length: JOBS }, (_, n) => {
    const even = n % 2 === 0;
    const late = n % 1_000 === 3;
    return {
      host: n % 500 === 7 ? "rare" : even ? "even" : "odd",
      driver: even ? "cli" : "linux",
      queue: even ? "FifoQ" : "pinned_odd",
      batchId: late ? "late" : "bulk",
      runAt: late ? T0 + HOUR : null,
      createdAt: T0 + n,
      // Those that stay behind are forgotten later than the others.
      resultTtlMs: late ? 10 * HOUR : HOUR,
    };
  });
  for (let at = 0; at < JOBS; at += 1_000) await make.queuedAll(given.slice(at, at + 1_000));
  const node = await make.node();
  const worker = await make.worker({ kind: "fifo", queue: "FifoQ" }, node);
  for (let n = 0; n < 150; n++) {
    const { token } = await make.mustClaim(worker);
    await make.settle(token, n % 3 === 0 ? failed(DEVICE_AWAY) : succeeded());
  }
  await storage.cancelQueued({ op: make.op(), filter: { batchId: "bulk" }, now: T0 });
  const blocks = () =>
    reading(path, (db) =>
      db.query<{ block: number }, []>("SELECT block FROM marked ORDER BY block").all(),
    ).map(({ block }) => block);
  return { ...backend, make, worker, node, blocks };
}

type Store = Awaited<ReturnType<typeof restingStore>>;

const FILTERS: JobFilter[] = [
  { host: "even", driver: "linux" },
  { host: "even", driver: "cli" },
  { host: "odd", queue: "FifoQ" },
  { host: "rare", driver: "linux" },
  { host: "rare", queue: "FifoQ", status: "finished" },
  { host: "even", status: "finished" },
  { host: "even", status: "failed", driver: "cli" },
  { host: "even", status: "queued" },
  { driver: "linux", status: "queued" },
  { driver: "linux", status: "started" },
  { queue: "pinned_odd", batchId: "late" },
  { queue: "pinned_odd", batchId: "bulk", status: "cancelled" },
  { batchId: "late", status: "cancelled" },
  { host: "even", driver: "cli", since: T0 + 1_000, until: T0 + 9_000 },
  { host: "even", driver: "linux", since: T0 + 1_000 },
  { host: "nobody", driver: "cli" },
];

async function pages({ storage }: Store, filter: JobFilter, order: "asc" | "desc", limit: number) {
  const found: Job[] = [];
  for (let after: number | null | undefined; after !== null; ) {
    const page = await storage.list({ filter, order, limit, ...(after === undefined ? {} : { after }) });
    found.push(...page.jobs);
    if (page.next !== null) expect(page.jobs).toHaveLength(limit);
    after = page.next;
  }
  return found;
}

const COLUMN_OF = {
  batchId: "batchId",
  queue: "queue",
  host: "host",
  driver: "driver",
  status: "status",
} as const;

/** The filter's meaning, spelled out. */
function matches(job: Job, filter: JobFilter): boolean {
  const { since = 0, until = Number.POSITIVE_INFINITY } = filter;
  if (job.createdAt < since || job.createdAt >= until) return false;
  return (Object.keys(COLUMN_OF) as (keyof typeof COLUMN_OF)[]).every(
    (field) => filter[field] === undefined || job[field] === filter[field],
  );
}

/** Every filter finds what going through all jobs finds, in both orders. */
async function expectTrue(store: Store): Promise<void> {
  const all = await pages(store, {}, "asc", 1_000);
  for (const filter of FILTERS) {
    const expected = all.filter((job) => matches(job, filter)).map(({ id }) => id);
    for (const [order, limit] of [
      ["asc", 300],
      ["desc", 1_000],
    ] as const) {
      const found = (await pages(store, filter, order, limit)).map(({ id }) => id);
      expect([filter, order, found]).toEqual([
        filter,
        order,
        order === "asc" ? expected : expected.toReversed(),
      ]);
    }
  }
}

/** How many steps a list takes to find out that there is nothing. */
function stepsOf({ path }: Store, filter: JobFilter): number {
  return reading(path, (db) => {
    const scan = prepareScan<{ seq: number }>(db, LISTED_COLUMNS);
    let steps = 0;
    for (let after: number | null = null; ; steps++) {
      const { rows, next } = scan({ filter, order: "desc", limit: 1_000, after });
      expect(rows).toEqual([]);
      if (next === null) return steps + 1;
      after = next;
    }
  });
}

describe("marks", () => {
  test("spare a list by two wide conditions the way through all of them", async () => {
    const store = await restingStore();
    const filter = { host: "even", driver: "linux" };
    const before = stepsOf(store, filter);
    await store.storage.prune({ max: 1, now: T0 });
    expect(store.blocks()).toEqual([0, 1, 2]);
    expect(before).toBeGreaterThan(6);
    expect(stepsOf(store, filter)).toBeLessThanOrEqual(3);
  }, 30_000);

  test("change nothing in what is found", async () => {
    const store = await restingStore();
    await store.storage.prune({ max: 1, now: T0 });
    await expectTrue(store);
  }, 60_000);

  test("hold also when those that were not at rest go on: started, requeued, ended", async () => {
    const store = await restingStore();
    const { storage, make, worker, node } = store;
    await storage.prune({ max: 1, now: T0 });
    const now = T0 + 2 * HOUR;
    const pinned = await make.worker({ queue: "pinned_odd" }, node);
    expect(await make.claim(worker, now)).toBeNull();
    const ended = await make.mustClaim(pinned, now);
    await make.settle(ended.token, succeeded(), { now });
    await make.mustClaim(pinned, now);
    await expectTrue(store);
    const { ids } = await storage.cancelQueued({ op: make.op(), filter: { batchId: "late" }, now });
    expect(ids.length).toBeGreaterThan(5);
    await expectTrue(store);
  }, 60_000);

  test("are made of whole blocks at rest only, and later of the others", async () => {
    const store = await restingStore();
    const { storage, make, blocks } = store;
    await make.queuedAll(Array.from({ length: BLOCK }, () => ({ host: "new" })));
    await storage.prune({ max: 1, now: T0 });
    expect(blocks()).toEqual([0, 1, 2]);
    await storage.cancelQueued({ op: make.op(), filter: { host: "new" }, now: T0 });
    await storage.prune({ max: 1, now: T0 });
    expect(blocks()).toEqual([0, 1, 2, 3]);
    await expectTrue(store);
  }, 60_000);

  test("go with the last job of their block, and stay true when others of it are forgotten", async () => {
    const store = await restingStore();
    const { storage, make, blocks } = store;
    await storage.prune({ max: 1, now: T0 });
    expect(await storage.prune({ max: JOBS, now: T0 + 2 * HOUR })).toEqual({ pruned: JOBS - 13 });
    await expectTrue(store);
    expect(blocks()).toEqual([0, 1, 2]);
    await storage.cancelQueued({ op: make.op(), filter: {}, now: T0 + 2 * HOUR });
    await storage.prune({ max: JOBS, now: T0 + 20 * HOUR });
    expect(blocks()).toEqual([]);
    expect(reading(store.path, (db) => db.query("SELECT * FROM marks").all())).toEqual([]);
  }, 60_000);

  test("are made once where two processes do it", async () => {
    const store = await restingStore();
    const other = await store.connect();
    await Promise.all([store.storage, other].map((storage) => storage.prune({ max: 1, now: T0 })));
    expect(store.blocks()).toEqual([0, 1, 2]);
    await expectTrue(store);
  }, 60_000);
});
