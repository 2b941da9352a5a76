import { systemClock } from "../../../src/core/clock.ts";
import { idSource, shardOfId } from "../../../src/core/ids.ts";
import type { JobStatus } from "../../../src/core/job.ts";
import { shardOf } from "../../../src/core/shards.ts";
import { newState, newTerms, pack } from "../../../src/storage/redis/codec.ts";
import type { RedisLink } from "../../../src/storage/redis/link.ts";
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

/** Commands as msgpack, their keys without the prefix; then keys and values by turns: Lua's msgpack knows no bytes. */
const PUT = script(
  "put-jobs",
  `local p = KEYS[1]
   for _, command in ipairs(cmsgpack.unpack(ARGV[1])) do
     redis.call(command[1], p .. command[2], unpack(command, 3))
   end
   for n = 2, #ARGV, 2 do redis.call("SET", p .. ARGV[n], ARGV[n + 1]) end`,
);

const ids = idSource(systemClock);
/** As `include/marks.lua`. */
const BLOCK = 1024;

/** A job as it may be stored; `seq` is its place among all. */
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

/**
 * Stores jobs in all the indexes that they belong in, past the scripts that change jobs. With few jobs in a block it
 * is as if the others had been forgotten.
 */
export async function putJobs(link: RedisLink, jobs: StoredJob[], { perBlock = BLOCK } = {}): Promise<void> {
  for (let shard = 0; shard < link.shards; shard++) {
    const own = jobs.filter(({ id }) => shardOfId(id) === shard).toSorted((a, b) => a.seq - b.seq);
    for (let from = 0; from < own.length; from += 500) {
      const part = own.slice(from, from + 500);
      const placed = part.map((job, n) => ({ job, ordinal: ordinalOf(from + n, perBlock) }));
      const commands = placed.flatMap(({ job, ordinal }) => commandsFor(job, ordinal));
      const values = placed.flatMap(({ job, ordinal }) => [`job:${job.id}`, toValue(job, ordinal)]);
      await link.run(PUT, shard, [pack(commands), ...values]);
    }
    await link.run(PUT, shard, [pack(spansOf(own, perBlock))]);
  }
}

function ordinalOf(place: number, perBlock: number): number {
  return Math.floor(place / perBlock) * BLOCK + (place % perBlock);
}

type RedisCommand = (string | number)[];

function commandsFor(job: StoredJob, ordinal: number): RedisCommand[] {
  const block = Math.floor(ordinal / BLOCK);
  return [
    ...indexesOf(job).map((index) => ["SETBIT", `marks:${block}:${index}`, ordinal % BLOCK, 1]),
    ["RPUSH", `ids:${block}`, job.id, job.seq],
    ["HINCRBY", "counts", job.status, 1],
    ...(ordinal % BLOCK === 0 ? [["ZADD", "blocks", job.seq, memberOf(block)]] : []),
  ];
}

function indexesOf({ status, queue, host, driver, batchId, node, worker }: StoredJob): string[] {
  const kinds = Object.entries({ status, queue, host, driver, batch: batchId, node, worker });
  const indexes = kinds.flatMap(([kind, value]) => (value === null ? [] : [`${kind}:${value}`]));
  const isRare = status === "failed" || status === "cancelled";
  return ["all", ...indexes, ...(isRare ? indexes.slice(1).map((index) => `${status}:${index}`) : [])];
}

function memberOf(block: number): string {
  return String(block).padStart(12, "0");
}

/** For each block the newest `createdAt` up to it, and the oldest from it on. */
function spansOf(jobs: StoredJob[], perBlock: number): RedisCommand[] {
  const blocks = [...Map.groupBy(jobs.entries(), ([place]) => Math.floor(place / perBlock))].map(
    ([block, own]) => ({ block, created: own.map(([, { createdAt }]) => createdAt) }),
  );
  const commands: RedisCommand[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  for (const { block, created } of blocks) {
    newest = Math.max(newest, ...created);
    commands.push(["ZADD", "spans:max", newest, memberOf(block)]);
  }
  let oldest = Number.POSITIVE_INFINITY;
  for (const { block, created } of blocks.toReversed()) {
    oldest = Math.min(oldest, ...created);
    commands.push(["ZADD", "spans:min", oldest, memberOf(block)]);
  }
  return commands;
}

function toValue(job: StoredJob, ordinal: number): Buffer {
  const state = newState(toNew(job), 0);
  state[0] = job.seq;
  state[1] = ordinal;
  state[5] = job.status;
  state[14] = job.node ?? false;
  state[15] = job.worker ?? false;
  return Buffer.concat([pack(state), pack(newTerms(toNew(job)))]);
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
