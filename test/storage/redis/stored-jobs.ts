import { systemClock } from "../../../src/core/clock.ts";
import { idSource, shardOfId } from "../../../src/core/ids.ts";
import type { JobStatus } from "../../../src/core/job.ts";
import { shardOf } from "../../../src/core/shards.ts";
import { type JobRecord, newDefinition, newRecord, pack } from "../../../src/storage/redis/codec.ts";
import type { Argument, RedisLink } from "../../../src/storage/redis/link.ts";
import { script } from "../../../src/storage/redis/scripts.ts";
import type { NewJob } from "../../../src/storage/storage.ts";
import { bytes, HOUR, MINUTE, T0 } from "../../support/factory.ts";

/** What lists look at. */
export interface StoredJob {
  id: string;
  seq: number;
  status: JobStatus;
  queue: string;
  host: string;
  driver: string;
  batchId: string | null;
  node: string | null;
  worker: string | null;
  createdAt: number;
}

/** Zsets as msgpack, then keys and values by turns: Lua's msgpack knows no bytes. */
const PUT = script(
  "put-jobs",
  `local p = KEYS[1]
   for key, list in pairs(cmsgpack.unpack(ARGV[1])) do
     for n = 1, #list, 2 do redis.call("ZADD", p .. key, list[n], list[n + 1]) end
   end
   for n = 2, #ARGV, 2 do redis.call("SET", p .. ARGV[n], ARGV[n + 1]) end`,
);

const ids = idSource(systemClock);
const BLOCK = 8192 * 1024;

/** A job as it may be stored; `seq` is its place among all, a million apart so that a few make a block of time. */
export function storedJob(place: number, given: Partial<StoredJob>, shards: number): StoredJob {
  const queue = given.queue ?? "FifoQ";
  const shard = shardOf(queue, shards);
  return {
    id: ids.job(shard),
    seq: (place + 1) * 1_000_000 + shard,
    status: "finished",
    queue,
    host: "h",
    driver: "cli",
    batchId: null,
    node: null,
    worker: null,
    createdAt: T0,
    ...given,
  };
}

/** Stores jobs in all the indexes that they belong in, past the scripts that change jobs. */
export async function putJobs(link: RedisLink, jobs: StoredJob[]): Promise<void> {
  for (let shard = 0; shard < link.shards; shard++) {
    const own = jobs.filter(({ id }) => shardOfId(id) === shard);
    for (let from = 0; from < own.length; from += 500) {
      const part = own.slice(from, from + 500);
      await link.run(PUT, shard, [pack(indexing(part)), ...part.flatMap(toStrings)]);
    }
    await link.run(PUT, shard, [pack(spansOf(own))]);
  }
}

function toStrings(job: StoredJob): Argument[] {
  return [`job:${job.id}`, pack(toRecord(job)), `def:${job.id}`, newDefinition(toNew(job))];
}

/** Scores and members by key. */
type Zsets = Record<string, (string | number)[]>;

function indexing(jobs: StoredJob[]): Zsets {
  const zsets: Zsets = {};
  const add = (key: string, score: number, id: string) => {
    zsets[key] ??= [];
    zsets[key].push(score, id);
  };
  for (const job of jobs) {
    for (const key of indexesOf(job)) add(key, job.seq, job.id);
    // An order of its own: a job may have waited longer than another with a lower seq.
    if (job.status === "queued") add(`waiting:${job.queue}`, job.seq % 977, job.id);
  }
  return zsets;
}

function indexesOf({ status, queue, host, driver, batchId, node, worker }: StoredJob): string[] {
  const kinds = Object.entries({ queue, host, driver, node, worker }).flatMap(([kind, value]) =>
    value === null ? [] : [`${kind}:${value}`],
  );
  const rare = status === "failed" || status === "cancelled" ? kinds.map((key) => `${status}:${key}`) : [];
  return [`status:${status}`, ...kinds, ...rare, ...(batchId === null ? [] : [`batch:${batchId}`])];
}

/** For each block of seq the newest `createdAt` up to it, and the oldest from it on. */
function spansOf(jobs: StoredJob[]): Zsets {
  const blocks = Map.groupBy(
    jobs.toSorted((a, b) => a.seq - b.seq),
    ({ seq }) => Math.floor(seq / BLOCK),
  );
  const max: (string | number)[] = [];
  const min: (string | number)[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  for (const [block, own] of blocks) {
    newest = Math.max(newest, ...own.map(({ createdAt }) => createdAt));
    max.push(newest, String(block).padStart(12, "0"));
  }
  let oldest = Number.POSITIVE_INFINITY;
  for (const [block, own] of [...blocks].toReversed()) {
    oldest = Math.min(oldest, ...own.map(({ createdAt }) => createdAt));
    min.push(oldest, String(block).padStart(12, "0"));
  }
  return { "spans:max": max, "spans:min": min };
}

function toRecord(job: StoredJob): JobRecord {
  const record = newRecord(toNew(job));
  record[0] = job.seq;
  record[4] = job.status;
  record[14] = job.createdAt;
  record[20] = job.node ?? false;
  record[21] = job.worker ?? false;
  return record;
}

function toNew({ id, queue, host, driver, batchId, createdAt }: StoredJob): NewJob {
  return {
    id,
    queue,
    sealed: bytes("sealed"),
    driver,
    host,
    site: null,
    batchId,
    command: ["show version"],
    retvalShape: "text",
    priority: 0,
    lane: "alice",
    runAt: null,
    ttlMs: null,
    resultTtlMs: HOUR,
    executionTimeoutMs: MINUTE,
    retries: 0,
    createdAt,
    idempotency: null,
  };
}
