import type { Job } from "../../core/job.ts";
import { shardOf } from "../../core/shards.ts";
import type { EnqueueResult, NewJob } from "../storage.ts";
import { idempotencyOf, pack, unpack } from "./codec.ts";
import { answersOf, enqueueArguments, type NewEntry, toEnqueued, toEntry } from "./entries.ts";
import type { RedisLink, Reply, Script } from "./link.ts";
import beginSource from "./lua/begin-batch.lua" with { type: "text" };
import endSource from "./lua/end-batch.lua" with { type: "text" };
import openSource from "./lua/open-batches.lua" with { type: "text" };
import { bytes, list, nowArgument, text } from "./replies.ts";
import { script } from "./scripts.ts";

/** Jobs stored by one script: about 15 ms of Redis, which serves nobody else meanwhile. */
export const MOST_AT_ONCE = 1_000;
/** Where batch records and idempotency keys are: a repeat may name other queues, and must still be found. */
export const KEY_SHARD = 0;

const BEGIN = script("begin-batch", beginSource);
const END = script("end-batch", endSource);
const OPEN = script("open-batches", openSource);

/** What one script stores: jobs of one shard. */
interface Part {
  shard: number;
  entries: NewEntry[];
}

/** With the jobs it was made of, which only its first caller has. */
interface OwnPart extends Part {
  asked: NewJob[];
}

export interface BatchesDeps {
  link: RedisLink;
  enqueueScript: Script;
  get(ids: string[]): Promise<(Job | null)[]>;
}

/**
 * Nothing is atomic across shards, and one script must be short. So a batch is first written down whole (from then
 * on it counts as accepted), then its parts are stored, each once, and the record is erased. What a crash leaves
 * open is completed by the next sweep: a part that was stored before is not stored again, whatever has become of
 * its jobs.
 */
export class Batches {
  readonly #deps: BatchesDeps;

  constructor(deps: BatchesDeps) {
    this.#deps = deps;
  }

  async enqueue(jobs: NewJob[], now?: number): Promise<EnqueueResult> {
    const parts = partsOf(jobs, this.#deps.link.shards);
    const id = idOf(jobs);
    const [outcome, ...ids] = await this.#begin(id, parts, jobs, now);
    if (outcome === "mismatch") return { outcome };
    if (outcome === "duplicate") return { outcome, jobs: await this.#existing(ids) };
    const stored = new Map<string, Job>();
    for (const [n, part] of parts.entries()) {
      const { now: moment, answers } = answersOf(await this.#store(id, n, part, now));
      for (const answer of answers) {
        for (const job of toEnqueued(answer, part.asked, moment).jobs) stored.set(job.id, job);
      }
    }
    await this.#end(id);
    return { outcome: "stored", jobs: jobs.flatMap((job) => stored.get(job.id) ?? []) };
  }

  /** Completes batches that were begun at least `olderThanMs` ago by whoever did not get to the end. */
  async completeOpen(olderThanMs: number): Promise<void> {
    const open = list(await this.#deps.link.run(OPEN, KEY_SHARD, [olderThanMs]));
    for (const [id, ...parts] of open.map(list)) await this.#complete(text(id), parts);
  }

  async #complete(id: string, packed: Reply[]): Promise<void> {
    for (const [n, part] of packed.entries()) {
      // Safe: written by `#begin` only.
      await this.#store(id, n, unpack(bytes(part)) as Part);
    }
    await this.#end(id);
  }

  async #begin(id: string, parts: Part[], jobs: NewJob[], now?: number): Promise<string[]> {
    const keys = jobs.flatMap(({ id: job, idempotency }) =>
      idempotency ? [[job, idempotencyOf(idempotency), idempotency.fingerprint]] : [],
    );
    const records = parts.map(({ shard, entries }) => pack({ shard, entries } satisfies Part));
    const args = [nowArgument(now), id, pack(keys), ...records];
    return list(await this.#deps.link.run(BEGIN, KEY_SHARD, args, { durable: true })).map(text);
  }

  #store(id: string, n: number, { shard, entries }: Part, now?: number): Promise<Reply> {
    const { link, enqueueScript } = this.#deps;
    const args = enqueueArguments(nowArgument(now), `batch ${id} ${n}`, [entries]);
    return link.run(enqueueScript, shard, args, { durable: true });
  }

  async #end(id: string): Promise<void> {
    await this.#deps.link.run(END, KEY_SHARD, [id]);
  }

  /** The jobs of an earlier call, which may not have come to its end. */
  async #existing(ids: string[]): Promise<Job[]> {
    const found = await this.#deps.get(ids);
    if (!found.includes(null)) return found.flatMap((job) => job ?? []);
    await this.completeOpen(0);
    return (await this.#deps.get(ids)).flatMap((job) => job ?? []);
  }
}

/** A repeat has the same jobs in the same order; whatever else begins with one of them is another batch. */
function idOf(jobs: NewJob[]): string {
  const hash = new Bun.CryptoHasher("sha256");
  for (const { id } of jobs) hash.update(id).update("\n");
  return hash.digest("base64url");
}

function partsOf(jobs: NewJob[], shards: number): OwnPart[] {
  return [...Map.groupBy(jobs, (job) => shardOf(job.queue, shards))].flatMap(([shard, there]) => {
    const parts: OwnPart[] = [];
    for (let from = 0; from < there.length; from += MOST_AT_ONCE) {
      const asked = there.slice(from, from + MOST_AT_ONCE);
      parts.push({ shard, asked, entries: asked.map((job) => toEntry(job, false)) });
    }
    return parts;
  });
}
