import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/core/clock.ts";
import { idSource } from "../../../src/core/ids.ts";
import { JOB_STATUSES } from "../../../src/core/job.ts";
import { shardOf } from "../../../src/core/shards.ts";
import { Batches } from "../../../src/storage/redis/batches.ts";
import type { RedisLink } from "../../../src/storage/redis/link.ts";
import { ENQUEUE, enqueue } from "../../../src/storage/redis/methods/enqueue.ts";
import { examine } from "../../../src/storage/redis/methods/examine.ts";
import { registerNode } from "../../../src/storage/redis/methods/nodes.ts";
import { MIGRATIONS } from "../../../src/storage/redis/migrate.ts";
import { type NewJob, retryLater } from "../../../src/storage/storage.ts";
import { DEVICE_AWAY, HOUR, LOST, MINUTE, T0 } from "../../support/factory.ts";
import { type Redis, startRedis } from "../../support/redis.ts";
import { cutOff, watched } from "./cut-link.ts";
import { type World, Worlds } from "./examined.ts";

const SHARDS = 16;
const PLACE = "the jobs and workers of a queue are on its shard";
const KNOWN = "every key is one of NetPulse's";
const KEYS = "an idempotency key stands for the jobs that have it, and for no others";
const NODES = "a shard lets the nodes act that are alive, and no others";

const worlds = new Worlds();
const ids = idSource(systemClock);
let redis: Redis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());
afterEach(() => worlds.close());

const anything = expect.stringMatching(/\S/);

/** A queue that lives on the shard; another one for another start of its name. */
function queueOn(shard: number, { shards = SHARDS, start = "pinned_" } = {}): string {
  for (let n = 0; ; n++) if (shardOf(`${start}${n}`, shards) === shard) return `${start}${n}`;
}

async function findings(link: RedisLink) {
  return (await examine(link)({ limit: 20 })).findings;
}

/** Something of each kind on every shard, and over several. Answers how many jobs. */
async function everywhere({ storage, make }: World): Promise<number> {
  const lost = await make.node();
  for (let shard = 0; shard < SHARDS; shard++) {
    for (const status of JOB_STATUSES) {
      await make.inStatus(status, { queue: queueOn(shard, { start: `pinned_${status}` }), batchId: "b" });
    }
    const queue = queueOn(shard);
    await make.worker({ queue }, lost);
    await make.queued({ queue, ttlMs: MINUTE, runAt: T0 + HOUR });
    const { token } = await make.started({ retries: 2 });
    await make.settle(token, retryLater(DEVICE_AWAY, MINUTE), { tail: "so far" });
  }
  const idempotency = { scope: "s", key: "k", fingerprint: "f" };
  await make.queuedAll(
    Array.from({ length: SHARDS }, (_, shard) => ({ queue: queueOn(shard), idempotency })),
  );
  const beat = (await storage.nodes()).find(({ name }) => name === lost.name)?.beat ?? 0;
  await storage.loseNode({ name: lost.name, incarnation: lost.incarnation, beat, now: T0 });
  await storage.reap({ leases: (await storage.leases()).slice(0, 3), error: LOST, now: T0 });
  return SHARDS * (JOB_STATUSES.length + 3);
}

describe("examine over several shards", () => {
  test("finds nothing where all is in order, and looks at all of it once", async () => {
    const made = await worlds.open(redis, { shards: SHARDS });
    const jobs = await everywhere(made);
    const workers = (await made.storage.listWorkers({ filter: {}, limit: 1_000 })).workers.length;
    const nodes = (await made.storage.nodes()).length;
    const { findings, looked } = await made.storage.examine({ limit: 20 });
    expect(findings).toEqual([]);
    expect(looked).toMatchObject({ jobs, workers, nodes });
  });

  test("names what is on another shard than its queue's", async () => {
    const { link, hand, prefix } = await worlds.open(redis, { shards: SHARDS });
    const queue = queueOn(3);
    const id = ids.job(3);
    await hand.at(5).do("ZADD", `workers:queue:${queue}`, 0, "w");
    await hand.at(5).do("SET", `log:${id}`, "x");
    const found = await findings(link);
    for (const key of [`workers:queue:${queue}`, `log:${id}`]) {
      expect(found).toContainEqual({ rule: PLACE, subject: `{${prefix}:5}:${key}`, detail: anything });
    }
  });

  test("names what only shard 0 has, and what is of a shard that there is not", async () => {
    const { link, hand, prefix } = await worlds.open(redis, { shards: 3 });
    await hand.at(2).do("HSET", "hostkeys", "device", "key");
    await redis.cli("SET", `{${prefix}:7}:clock`, "x");
    const found = await findings(link);
    expect(found).toHaveLength(2);
    for (const key of ["2}:hostkeys", "7}:clock"]) {
      expect(found).toContainEqual({ rule: KNOWN, subject: `{${prefix}:${key}`, detail: anything });
    }
  });

  test("looks at each key once also where a shard has lost all that it had", async () => {
    const { storage, hand, make } = await worlds.open(redis, { shards: 2 });
    await make.queued({ queue: queueOn(0, { shards: 2 }) });
    for (const key of ["clock", "nodes:version", "check"]) await hand.at(1).do("DEL", key);
    const { findings, looked } = await storage.examine({ limit: 3 });
    expect(findings).toMatchObject([{ rule: "the clock is not behind a job", subject: "shard 1" }]);
    expect(looked.jobs).toBe(1);
  });

  test("does not take another store's keys for its own", async () => {
    const prefix = `${redis.freshPrefix()}-[a]*?\\`;
    const [made, ...others] = [
      await worlds.open(redis, { prefix }),
      await worlds.open(redis, { prefix: `${prefix}:0` }),
      await worlds.open(redis, { prefix: `${prefix.slice(0, -4)}xy\\` }),
    ];
    await made.make.queued();
    for (const { hand } of others) await hand.do("SET", "unknown", "x");
    const { findings: found, looked } = await made.storage.examine({ limit: 3 });
    expect(found).toEqual([]);
    expect(looked.jobs).toBe(1);
  });
});

describe("of what more than one shard has a part in, examine", () => {
  const idempotency = { scope: "s", key: "k", fingerprint: "f" };

  test("names a key that stands for a job of another shard that is gone", async () => {
    const { link, hand, make } = await worlds.open(redis, { shards: SHARDS });
    await make.queued({ queue: queueOn(4), idempotency });
    const gone = ids.job(4);
    await hand.do("HSET", "idem:1:sk", gone, 1);
    expect(await findings(link)).toEqual([
      { rule: KEYS, subject: "1:sk", detail: expect.stringContaining(gone) },
    ]);
  });

  test("names a job whose key does not stand for it", async () => {
    const { link, hand, make } = await worlds.open(redis, { shards: SHARDS });
    const { id } = await make.queued({ queue: queueOn(4), idempotency });
    await hand.do("DEL", "idem:1:sk");
    expect(await findings(link)).toEqual([
      { rule: KEYS, subject: "1:sk", detail: expect.stringContaining(id) },
    ]);
  });

  test("bears with a job that may be forgotten and has lost its key already", async () => {
    const { link, hand, make } = await worlds.open(redis, { shards: SHARDS });
    await make.inStatus("finished", { queue: queueOn(4), idempotency });
    await hand.do("DEL", "idem:1:sk");
    expect(await findings(link)).toEqual([]);
  });

  /** Two jobs with one key, begun and not stored: their caller has died in between. */
  async function begunBatch({ link, storage, make }: World): Promise<NewJob[]> {
    const jobs = [4, 9].map((shard) => make.newJob({ queue: queueOn(shard), idempotency }));
    const cut = cutOff(link, [4, 9]);
    const get = (all: string[]) => storage.get({ ids: all });
    const batches = new Batches({ link: cut, clock: systemClock, enqueueScript: ENQUEUE, get });
    await expect(enqueue(cut, batches)({ jobs })).rejects.toMatchObject({ kind: "unavailable" });
    expect(await get(jobs.map(({ id }) => id))).toEqual([null, null]);
    return jobs;
  }

  test("bears with a batch that is begun, whose keys come before its jobs", async () => {
    const made = await worlds.open(redis, { shards: SHARDS });
    await begunBatch(made);
    expect(await findings(made.link)).toEqual([]);
  });

  const moments = [0, 1, 2, 3, 4].flatMap((stored) => [0, 1, 2, 9].map((later) => [stored, stored + later]));

  test.each(moments)(
    "bears with a batch that is stored before its look-up %i and forgotten before look-up %i",
    async (storedAt, forgottenAt) => {
      const made = await worlds.open(redis, { shards: SHARDS });
      const { storage, make } = made;
      const jobs = await begunBatch(made);
      let lookUps = 0;
      const meanwhile = watched(made.link, async ({ name }) => {
        if (!name.startsWith("examine-key")) return;
        const now = lookUps++;
        if (now === storedAt) await storage.enqueue({ jobs, now: T0 });
        if (now !== forgottenAt) return;
        await storage.cancelQueued({ op: make.op(), filter: {}, now: T0 });
        expect(await storage.prune({ max: 9, now: T0 + 2 * HOUR })).toEqual({ pruned: 2 });
      });
      expect(await findings(meanwhile)).toEqual([]);
    },
  );

  test.each(["examine-keyed-jobs", "examine-keys-of-jobs"])(
    "bears with a job that is forgotten while it looks, before %s",
    async (step) => {
      const { link, storage, make } = await worlds.open(redis, { shards: SHARDS });
      const job = await make.queued({ queue: queueOn(4), idempotency });
      let forgotten = false;
      const meanwhile = watched(link, async ({ name }) => {
        if (name !== step || forgotten) return;
        forgotten = true;
        await storage.cancel({ op: make.op(), id: job.id, abort: false, now: T0 });
        expect(await storage.prune({ max: 1, now: T0 + 2 * HOUR })).toEqual({ pruned: 1 });
      });
      expect(await findings(meanwhile)).toEqual([]);
      expect(forgotten).toBe(true);
    },
  );

  test("names a shard that lets another incarnation act than the one that is alive", async () => {
    const { link, hand, make } = await worlds.open(redis, { shards: SHARDS });
    const { name } = await make.node();
    await hand.at(6).do("HSET", "incarnation", name, "another");
    expect(await findings(link)).toContainEqual({
      rule: NODES,
      subject: name,
      detail: expect.stringContaining("shard 6"),
    });
  });

  test("bears with a shard that has not heard of a decision about nodes", async () => {
    const { link, make } = await worlds.open(redis, { shards: SHARDS });
    const node = await make.node();
    const next = { ...node, incarnation: "next" };
    await expect(registerNode(cutOff(link, [6]))({ node: next })).rejects.toMatchObject({
      kind: "unavailable",
    });
    expect(await findings(link)).toEqual([]);
  });
});

describe("examine", () => {
  test("finds nothing while all kinds of changes go on, on every shard", async () => {
    const { storage, make, link } = await worlds.open(redis, { shards: 4 });
    const node = await make.node();
    let busy = true;
    const writers = [0, 1, 2, 3].map(async (shard) => {
      const queue = queueOn(shard, { shards: 4 });
      for (let n = 0; busy; n++) {
        const idempotency = { scope: "s", key: `${shard} ${n}`, fingerprint: "f" };
        await make.queuedAll([
          { queue, idempotency, ttlMs: MINUTE },
          { queue: queueOn(n % 4, { shards: 4 }), idempotency },
        ]);
        const worker = await make.worker({ queue, kind: "fifo" }, node);
        const claim = await make.claim(worker);
        if (claim) await make.settle(claim.token, n % 2 ? retryLater(DEVICE_AWAY, 0) : { kind: "released" });
        await storage.endWorker({ name: worker.name, as: n % 2 ? "dead" : "gone", now: T0 });
        await storage.cancelQueued({ op: make.op(), filter: { queue }, now: T0 });
        await storage.prune({ max: 100, now: T0 + 2 * HOUR });
        await storage.pruneWorkers({ diedBefore: T0 + 1 });
      }
    });
    try {
      for (let round = 0; round < 20; round++) expect(await findings(link)).toEqual([]);
    } finally {
      busy = false;
      await Promise.all(writers);
    }
  }, 30_000);

  test("looks at some hundred entries in a step: others have their turn", async () => {
    const { make, link } = await worlds.open(redis);
    const jobs = 3_000;
    for (let n = 0; n < jobs; n += 1_000) await make.queuedAll(Array.from({ length: 1_000 }, () => ({})));
    const steps: Record<string, number> = {};
    const counted = watched(link, ({ name }) => {
      steps[name] = (steps[name] ?? 0) + 1;
    });
    expect(await findings(counted)).toEqual([]);
    // Each job waits, and is ready; and it is in five indexes: all, and those of its status, queue, host and driver.
    expect(steps["examine-entries"]).toBeGreaterThanOrEqual((2 * jobs) / 600);
    expect(steps["examine-marks"]).toBeGreaterThanOrEqual((5 * jobs) / 600);
    expect(steps["examine-jobs"]).toBeGreaterThanOrEqual(jobs / 100);
  });

  test("names a fault once, from whichever sides it is seen", async () => {
    const { link, hand, make } = await worlds.open(redis);
    const { id } = await make.queued();
    await hand.enter(id, "waiting:FifoQ", 7);
    expect(await findings(link)).toEqual([
      {
        rule: "a queue has its queued jobs waiting, and no others",
        subject: id,
        detail: expect.stringMatching(/^in waiting:FifoQ at 7, not at \d+$/),
      },
    ]);
  });

  test("names at most as many findings of a rule as asked for", async () => {
    const { storage, hand } = await worlds.open(redis);
    for (let n = 0; n < 9; n++) await hand.do("SET", `log:job_${n}`, "x");
    await hand.do("SET", "unknown", "x");
    expect((await storage.examine({ limit: 2 })).findings).toHaveLength(3);
    expect((await storage.examine({ limit: 100 })).findings).toHaveLength(10);
  });

  test("says of an older schema only that, and what helps", async () => {
    const { storage, hand } = await worlds.open(redis);
    await hand.do("HSET", "schema", "version", MIGRATIONS.length - 1);
    await hand.do("SET", "unknown", "x");
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
  });

  test.each([
    ["a newer schema", "version", 99, "schema_too_new"],
    ["a store of another number of shards", "shards", 3, "corrupt"],
  ])("refuses %s, as a start does", async (_, field, value, kind) => {
    const { storage, hand } = await worlds.open(redis);
    await hand.do("HSET", "schema", field, value);
    const refusal = await storage.migrate().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: "StorageError", kind });
    await expect(storage.examine({ limit: 3 })).rejects.toEqual(refusal);
  });
});
