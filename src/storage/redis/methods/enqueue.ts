import { FIFO_QUEUE } from "../../../core/job.ts";
import { shardOf } from "../../../core/shards.ts";
import type { EnqueueResult, NewJob, Storage } from "../../storage.ts";
import { type Batches, KEY_SHARD, MOST_AT_ONCE } from "../batches.ts";
import { answersOf, bytesOf, type Enqueued, enqueueArguments, toEnqueued, toEntry } from "../entries.ts";
import { ShardGathers } from "../gather.ts";
import type { RedisLink } from "../link.ts";
import enqueueSource from "../lua/enqueue.lua" with { type: "text" };
import { nowArgument } from "../replies.ts";
import { script } from "../scripts.ts";

type Params = Parameters<Storage["enqueue"]>[0];

export const ENQUEUE = script("enqueue", enqueueSource);

/**
 * Calls on one shard share a script. A call whose jobs, or their idempotency keys, are on several shards, or that is
 * too long for one script, goes by a batch record: see `batches.ts`.
 */
export function enqueue(link: RedisLink, batches: Batches): (params: Params) => Promise<EnqueueResult> {
  async function send(shard: number, calls: NewJob[][], given?: number): Promise<Enqueued[]> {
    const entries = calls.map((jobs) => jobs.map((job) => toEntry(job, true)));
    const args = enqueueArguments(nowArgument(given), "", entries);
    const { now, answers } = answersOf(await link.run(ENQUEUE, shard, args, { durable: true }));
    return answers.map((answer, n) => toEnqueued(answer, calls[n] ?? [], now));
  }

  const gathers = new ShardGathers<NewJob[], Enqueued>((shard) => ({
    send: (calls) => send(shard, calls),
    most: MOST_TOGETHER,
    weight: weightOf,
  }));

  return async ({ jobs, now }) => {
    const shards = new Set(jobs.map((job) => shardOf(job.queue, link.shards)));
    if (jobs.some((job) => job.idempotency)) shards.add(KEY_SHARD);
    const [shard = shardOf(FIFO_QUEUE, link.shards), other] = shards;
    if (other !== undefined || jobs.length > MOST_AT_ONCE) return batches.enqueue(jobs, now);
    const [answer] = now === undefined ? [await gathers.call(shard, jobs)] : await send(shard, [jobs], now);
    // The key may stand for jobs of other shards, which this one does not have.
    if (answer?.outcome === "duplicate" && link.shards > 1) return batches.enqueue(jobs, now);
    return toResult(answer);
  };
}

/** Of jobs in one script. More cost Redis little less each, and leave it idle while the next script is packed. */
const MOST_TOGETHER = 16;
/** So many bytes weigh as much as one more job: Redis takes in a call whole before it runs it. */
const BYTES_PER_JOB = 32 * 1024;

function weightOf(jobs: NewJob[]): number {
  return jobs.reduce((sum, job) => sum + 1 + Math.floor(bytesOf(job) / BYTES_PER_JOB), 0);
}

function toResult(answer: Enqueued | undefined): EnqueueResult {
  if (!answer) throw new TypeError("enqueue.lua did not answer a call");
  const { outcome, jobs } = answer;
  return outcome === "mismatch" ? { outcome } : { outcome, jobs };
}
