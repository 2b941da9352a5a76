import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import { idSource } from "../../../src/core/ids.ts";
import { shardOf } from "../../../src/core/shards.ts";
import { Batches } from "../../../src/storage/redis/batches.ts";
import type { RedisLink } from "../../../src/storage/redis/link.ts";
import { cancel } from "../../../src/storage/redis/methods/cancel.ts";
import { ENQUEUE, enqueue } from "../../../src/storage/redis/methods/enqueue.ts";
import { expire } from "../../../src/storage/redis/methods/expire.ts";
import { prune } from "../../../src/storage/redis/methods/prune.ts";
import { get } from "../../../src/storage/redis/methods/read.ts";
import { script } from "../../../src/storage/redis/scripts.ts";
import type { NewJob } from "../../../src/storage/storage.ts";
import { bytes, EXPIRED, HOUR, MINUTE, T0 } from "../../support/factory.ts";
import { type Redis, startRedis } from "../../support/redis.ts";
import { cutOff, watched } from "./cut-link.ts";
import { Links } from "./links.ts";

const SHARDS = 3;
const UNAVAILABLE = { name: "StorageError", kind: "unavailable" };
/** As if all batches had been begun long ago, so that their callers are given up. */
const AGE_BATCHES = script(
  "age-batches",
  `for _, batch in ipairs(redis.call("ZRANGE", KEYS[1] .. "batches", 0, -1)) do
     redis.call("ZADD", KEYS[1] .. "batches", 1, batch)
   end`,
);
/** As if so long had passed that nobody knows any more which operations were done. */
const FORGET_OPERATIONS = script(
  "forget-operations",
  `for _, key in ipairs(redis.call("KEYS", KEYS[1] .. "op:*")) do redis.call("DEL", key) end`,
);
const NOTE_KEY = script(
  "note-key",
  'return redis.call("HSET", KEYS[1] .. "idem:" .. ARGV[1], "", ARGV[2], ARGV[3], 1)',
);

const links = new Links();
const ids = idSource(systemClock);
let redis: Redis;
let link: RedisLink;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

beforeEach(async () => {
  link = await links.open(redis, { shards: SHARDS });
});

afterEach(() => links.close());

describe("a batch that its caller left open", () => {
  test("is not stored anew where it was stored and its jobs have been forgotten, however late it is completed", async () => {
    const [first, second] = [jobOn(1), jobOn(2)];
    await expect(send(cutOff(link, [2]), [first, second])).rejects.toMatchObject(UNAVAILABLE);
    await cancel(link)({ op: ids.next("op"), id: first.id, abort: false, now: T0 });
    await giveUp();
    const { pruned } = await prune(link, batchesOn(link))({ max: 10, now: T0 + HOUR + MINUTE });
    expect(pruned).toBe(1);
    await sweep(link);
    expect(await stored([first, second])).toEqual([null, "queued"]);
  });

  test("keeps ended jobs from being forgotten while it cannot be completed", async () => {
    const [first, second] = [jobOn(1), jobOn(2)];
    await expect(send(cutOff(link, [2]), [first, second])).rejects.toMatchObject(UNAVAILABLE);
    await cancel(link)({ op: ids.next("op"), id: first.id, abort: false, now: T0 });
    await giveUp();
    const pruning = prune(link, batchesOn(storingNothingOn(2)))({ max: 10, now: T0 + HOUR + MINUTE });
    await expect(pruning).rejects.toMatchObject(UNAVAILABLE);
    expect(await stored([first])).toEqual(["cancelled"]);
  });

  test("keeps no other from being completed, and no job from expiring, where its shard does not answer", async () => {
    const [away, elsewhere, other] = [jobOn(2), jobOn(1), jobOn(1)];
    const waiting = jobOn(0, { ttlMs: 1 });
    await send(link, [waiting]);
    await expect(send(storingNothingOn(1, 2), [away, elsewhere])).rejects.toMatchObject(UNAVAILABLE);
    await expect(send(storingNothingOn(1), [jobOn(0), other])).rejects.toMatchObject(UNAVAILABLE);
    await giveUp();
    await expect(sweep(storingNothingOn(2))).rejects.toMatchObject(UNAVAILABLE);
    expect(await stored([waiting, away, elsewhere, other])).toEqual(["failed", null, "queued", "queued"]);
    await sweep(link);
    expect(await stored([away])).toEqual(["queued"]);
  });

  test("is completed for a repeat of its key, however many others are open", async () => {
    const open = Array.from({ length: 25 }, (_, n) => jobOn(1, { idempotency: keyed(`key-${n}`) }));
    for (const job of open) {
      await expect(send(storingNothingOn(1), [job])).rejects.toMatchObject(UNAVAILABLE);
    }
    const last = open.at(-1);
    const repeat = await send(link, [jobOn(1, { idempotency: keyed("key-24") })]);
    expect(repeat).toMatchObject({ outcome: "duplicate", jobs: [{ id: last?.id }] });
  });
});

test("a caller that was stopped for minutes stores nothing more of its batch, which others have completed", async () => {
  let stoppedFor = 0;
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + stoppedFor };
  const stopped = watched(link, ({ name }) => {
    if (name === "begin-batch") stoppedFor = 11 * MINUTE;
  });
  const jobs = [jobOn(1), jobOn(2)];
  await expect(enqueue(stopped, batchesOn(stopped, clock))({ jobs, now: T0 })).rejects.toMatchObject(
    UNAVAILABLE,
  );
  expect(await stored(jobs)).toEqual([null, null]);
});

test("a repeat that names other queues gets the jobs that its key stands for, whichever shards they are on", async () => {
  const [first, second] = [
    jobOn(1, { idempotency: keyed("once") }),
    jobOn(2, { idempotency: keyed("once") }),
  ];
  await send(link, [first, second]);
  const repeat = await send(link, [jobOn(0, { idempotency: keyed("once") })]);
  expect(repeat).toMatchObject({ outcome: "duplicate", jobs: [{ id: first.id }, { id: second.id }] });
});

test("an idempotency key whose jobs are gone stands for nothing", async () => {
  await link.run(NOTE_KEY, 0, ["5:aliceonce", "print", ids.job(1)]);
  const job = jobOn(1, { idempotency: keyed("once") });
  expect(await send(link, [job])).toMatchObject({ outcome: "stored", jobs: [{ id: job.id }] });
});

test("a batch of large operations is stored little by little, so that each script is short", async () => {
  const sealed = new Uint8Array(3 * 1024 * 1024);
  const jobs = Array.from({ length: 6 }, (_, n) => jobOn(1 + (n % 2), { sealed }));
  const sent: number[] = [];
  const counted = watched(link, ({ name }, _shard, args) => {
    if (name === "enqueue")
      sent.push(args.filter((arg) => arg instanceof Uint8Array && arg.length === sealed.length).length);
  });
  await send(counted, jobs);
  expect(sent).toEqual([2, 1, 2, 1]);
  expect(await stored(jobs)).toEqual(jobs.map(() => "queued"));
});

function keyed(key: string): NewJob["idempotency"] {
  return { scope: "alice", key, fingerprint: "print" };
}

function batchesOn(by: RedisLink, clock: Clock = systemClock): Batches {
  return new Batches({
    link: by,
    clock,
    enqueueScript: ENQUEUE,
    get: (wanted) => get(link)({ ids: wanted }),
  });
}

function send(by: RedisLink, jobs: NewJob[]) {
  return enqueue(by, batchesOn(by))({ jobs, now: T0 });
}

/** What the expirer does now and then. */
function sweep(by: RedisLink) {
  return expire(link, batchesOn(by))({ max: 10, error: EXPIRED });
}

/** Calls that store jobs do not reach these shards. */
function storingNothingOn(...shards: number[]): RedisLink {
  const cut = cutOff(link, shards);
  return {
    ...watched(link, () => {}),
    run: (...call) => (call[0].name === "enqueue" ? cut : link).run(...call),
  };
}

async function giveUp(): Promise<void> {
  for (let shard = 0; shard < SHARDS; shard++) {
    await link.run(AGE_BATCHES, shard, []);
    await link.run(FORGET_OPERATIONS, shard, []);
  }
}

async function stored(jobs: NewJob[]) {
  const found = await get(link)({ ids: jobs.map(({ id }) => id) });
  return found.map((job) => job?.status ?? null);
}

function jobOn(shard: number, given: Partial<NewJob> = {}): NewJob {
  return {
    id: ids.job(shard),
    queue: queueOn(shard),
    sealed: bytes("sealed"),
    driver: "cli",
    host: "h",
    site: null,
    batchId: null,
    command: ["show version"],
    retvalShape: "text",
    priority: 0,
    lane: "alice",
    runAt: null,
    ttlMs: null,
    resultTtlMs: HOUR,
    executionTimeoutMs: MINUTE,
    retries: 0,
    createdAt: T0,
    idempotency: null,
    ...given,
  };
}

function queueOn(shard: number): string {
  for (let n = 0; ; n++) if (shardOf(`pinned_${n}`, SHARDS) === shard) return `pinned_${n}`;
}
