import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { RedisLink } from "../../../src/storage/redis/link.ts";
import { heartbeat } from "../../../src/storage/redis/methods/heartbeat.ts";
import { registerNode } from "../../../src/storage/redis/methods/nodes.ts";
import { addWorker, endWorker, pruneWorkers } from "../../../src/storage/redis/methods/worker-life.ts";
import { listWorkers, stopWorkers, suspendWorkers } from "../../../src/storage/redis/methods/workers.ts";
import type { NewWorker, NodeRecord, WorkerFilter } from "../../../src/storage/storage.ts";
import { T0 } from "../../support/factory.ts";
import { type Redis, startRedis } from "../../support/redis.ts";
import { watched } from "./cut-link.ts";
import { Links } from "./links.ts";

const NODE: NodeRecord = {
  name: "n",
  incarnation: "i",
  hostname: "machine",
  pid: 1,
  capacity: 10,
  sites: [null],
};

const links = new Links();
let redis: Redis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());
afterEach(() => links.close());

describe.each([1, 3])("many workers over %i shards", (shards) => {
  /** More than one step looks at, on each shard. */
  const NAMES = Array.from({ length: 1_000 }, (_, n) => `w${String(n).padStart(4, "0")}`);
  let link: RedisLink;
  let prefix: string;
  let empty: number;

  beforeEach(async () => {
    prefix = redis.freshPrefix();
    link = await links.open(redis, { shards, prefix });
    await registerNode(link)({ node: NODE, now: T0 });
    empty = await redis.footprint(prefix);
    await Promise.all(
      NAMES.map((name, n) => add({ name, queue: `pinned_${n}`, host: n === 999 ? "last" : "h" })),
    );
  });

  test("are listed by name, page by page", async () => {
    for (const limit of [300, 1_000]) expect(await namesOf({}, limit)).toEqual(NAMES);
  });

  test("are found where few of many match", async () => {
    await suspendWorkers(link)({ filter: { name: "w0998" }, suspended: true });
    expect(await namesOf({ status: "suspended" }, 1)).toEqual(["w0998"]);
    expect(await namesOf({ host: "last" }, 1)).toEqual(["w0999"]);
    expect(await namesOf({ status: "busy" }, 1)).toEqual([]);
    expect(await namesOf({ queue: "pinned_7", node: "n" }, 1)).toEqual(["w0007"]);
    expect(await namesOf({ name: "w0007", queue: "pinned_8" }, 1)).toEqual([]);
  });

  test("are suspended and resumed all", async () => {
    expect(await suspendWorkers(link)({ filter: {}, suspended: true })).toEqual({ workers: NAMES });
    expect(await namesOf({ status: "suspended" }, 1_000)).toEqual(NAMES);
    await suspendWorkers(link)({ filter: {}, suspended: false });
    expect(await namesOf({ status: "suspended" }, 1_000)).toEqual([]);
  });

  test("are stopped all, and a repeat names those of the first time", async () => {
    const first = await stopWorkers(link)({ op: "op_1", filter: {} });
    expect(first).toEqual(NAMES.map((worker) => ({ worker, job: null })));
    await add({ name: "newcomer", queue: "FifoQ", host: null });
    expect(await stopWorkers(link)({ op: "op_1", filter: {} })).toEqual(first);
    expect(await stopOf(link)).toEqual(NAMES);
  });

  test("are stopped all by a repeat when the first call died half way", async () => {
    let steps = 0;
    const dying = watched(link, () => {
      steps += 1;
      if (steps > 2) throw new Error("gone");
    });
    await expect(stopWorkers(dying)({ op: "op_1", filter: {} })).rejects.toThrow("gone");
    await stopWorkers(link)({ op: "op_1", filter: {} });
    expect(await stopOf(link)).toEqual(NAMES);
  });

  test("leave nothing behind when they have died and are forgotten", async () => {
    await stopWorkers(link)({ op: "op_1", filter: {} });
    await Promise.all(NAMES.map((name) => endWorker(link)({ name, as: "dead", now: T0 })));
    expect(await stopOf(link)).toEqual([]);
    expect(await pruneWorkers(link)({ diedBefore: T0 + 1 })).toEqual({ pruned: 1_000 });
    expect(await namesOf({}, 1_000)).toEqual([]);
    expect(await redis.footprint(prefix)).toBe(empty);
  });

  async function add(given: Pick<NewWorker, "name" | "queue" | "host">): Promise<void> {
    const kind = given.queue === "FifoQ" ? "fifo" : "pinned";
    const { name: node, incarnation, hostname } = NODE;
    const worker: NewWorker = { kind, node, incarnation, hostname, pid: 2, site: null, ...given };
    expect(await addWorker(link)({ worker, now: T0 })).toEqual({ outcome: "added" });
  }

  async function namesOf(filter: WorkerFilter, limit: number): Promise<string[]> {
    const names: string[] = [];
    for (let after: string | null | undefined; after !== null; ) {
      const page = await listWorkers(link)({ filter, limit, ...(after === undefined ? {} : { after }) });
      names.push(...page.workers.map(({ name }) => name));
      if (page.next !== null) expect(page.workers).toHaveLength(limit);
      after = page.next;
    }
    return names;
  }
});

test("names are in the order of their bytes, over shards as within one", async () => {
  const names = ["Z", "a", "é", "\u{ff5a}", "\u{1f600}"];
  for (const shards of [1, 3]) {
    const link = await links.open(redis, { shards });
    await registerNode(link)({ node: NODE });
    for (const [n, name] of names.toReversed().entries()) {
      const { name: node, incarnation, hostname } = NODE;
      const worker = { name, node, incarnation, kind: "fifo", queue: `q${n}`, hostname, pid: 2 } as const;
      await addWorker(link)({ worker: { ...worker, host: null, site: null } });
    }
    const { workers } = await listWorkers(link)({ filter: {}, limit: 10 });
    expect(workers.map(({ name }) => name)).toEqual(names);
  }
});

async function stopOf(link: RedisLink): Promise<string[]> {
  const { name: node, incarnation } = NODE;
  return (await heartbeat(link)({ node, incarnation, runs: [], workers: [], hostMemory: {} })).stop;
}
