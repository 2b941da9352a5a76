import type { Clock } from "../../core/clock.ts";
import { StorageError } from "../../core/errors.ts";
import type { Job } from "../../core/job.ts";
import { shardOf } from "../../core/shards.ts";
import type { EnqueueResult, NewJob } from "../storage.ts";
import { idempotencyOf, pack, unpack } from "./codec.ts";
import { answersOf, bytesOf, enqueueArguments, type NewEntry, toEnqueued, toEntry } from "./entries.ts";
import type { RedisLink, Reply, Script } from "./link.ts";
import partSource from "./lua/batch-part.lua" with { type: "text" };
import beginSource from "./lua/begin-batch.lua" with { type: "text" };
import endSource from "./lua/end-batch.lua" with { type: "text" };
import forgetSource from "./lua/forget-keys.lua" with { type: "text" };
import openSource from "./lua/open-batches.lua" with { type: "text" };
import { bytes, list, nowArgument, text } from "./replies.ts";
import { script } from "./scripts.ts";

/** Jobs stored by one script: about 15 ms of Redis, which serves nobody else meanwhile. */
export const MOST_AT_ONCE = 1_000;
/** Redis stores one part while the next is packed. More of them would only keep others waiting. */
const PARTS_UNDER_WAY = 2;
/** Of sealed operations in one script, unless a single one is larger: Redis takes its time to read them, too. */
const MOST_BYTES = 8 * 1_024 * 1_024;
/** Where batch records and idempotency keys are: a repeat may name other queues, and must still be found. */
export const KEY_SHARD = 0;

const BEGIN = script("begin-batch", beginSource);
const END = script("end-batch", endSource);
const OPEN = script("open-batches", openSource);
const PART = script("batch-part", partSource);
const FORGET_KEYS = script("forget-keys", forgetSource);
/** Batches that `open-batches.lua` gives at most. */
const OPEN_AT_ONCE = 10;
/** A batch that is open for so long has lost its caller. */
const PATIENCE_MS = 10_000;
/** That a part is stored is known for longer than this (`OPERATION_TTL_MS` of `include/operation.lua`). */
const KNOWN_MS = 10 * 60 * 1_000;

/** What one script stores: jobs of one shard. */
interface Part {
  shard: number;
  entries: NewEntry[];
}

/** With the jobs it was made of, which only its first caller has. */
interface OwnPart extends Part {
  asked: NewJob[];
}

interface Storing {
  id: string;
  /** The part's number. */
  n: number;
  part: Part;
  /** When it is too late to store it, on the monotonic clock. */
  until: number;
}

interface OpenBatch {
  id: string;
  until: number;
  away: Map<number, StorageError>;
}

export interface BatchesDeps {
  link: RedisLink;
  clock: Clock;
  enqueueScript: Script;
  get(ids: string[]): Promise<(Job | null)[]>;
}

/**
 * Nothing is atomic across shards, and one script must be short. So a batch is first written down whole (from then
 * on it counts as accepted), then its parts are stored, each once, and the record is erased. What a crash leaves
 * open is completed by the next sweep: a part that was stored before is not stored again, whatever has become of
 * its jobs. For some minutes a mark says that it was stored; after them its jobs do, for none is forgotten before
 * the batches that were left open are complete: see `prune.ts`.
 */
export class Batches {
  readonly #deps: BatchesDeps;

  constructor(deps: BatchesDeps) {
    this.#deps = deps;
  }

  async enqueue(jobs: NewJob[], now?: number): Promise<EnqueueResult> {
    const parts = partsOf(jobs, this.#deps.link.shards);
    const id = idOf(jobs);
    const until = this.#deadline();
    const [outcome, ...ids] = await this.#begin(id, parts, jobs, now);
    if (outcome === "mismatch") return { outcome };
    if (outcome === "duplicate") {
      const existing = await this.#existing(ids);
      if (existing.length > 0) return { outcome, jobs: existing };
      await this.#forgetKeys(jobs, ids);
      return this.enqueue(jobs, now);
    }
    const stored = new Map<string, Job>();
    const numbered = parts.entries();
    // Each takes the next part when its own is stored.
    const store = async () => {
      for (const [n, part] of numbered) {
        const { now: moment, answers } = answersOf(await this.#store({ id, n, part, until }, now));
        for (const answer of answers) {
          for (const job of toEnqueued(answer, part.asked, moment).jobs) stored.set(job.id, job);
        }
      }
    };
    await Promise.all(Array.from({ length: PARTS_UNDER_WAY }, store));
    await this.#end(id);
    return { outcome: "stored", jobs: jobs.flatMap((job) => stored.get(job.id) ?? []) };
  }

  /** Completes what callers have left open. */
  completeAbandoned(): Promise<void> {
    return this.#completeOpen(PATIENCE_MS);
  }

  /** Those begun at least `olderThanMs` ago. One that cannot be completed keeps none of the others from it. */
  async #completeOpen(olderThanMs: number): Promise<void> {
    const failures: unknown[] = [];
    const away = new Map<number, StorageError>();
    for (let before = "", got = OPEN_AT_ONCE; got === OPEN_AT_ONCE; ) {
      const until = this.#deadline();
      const args = [olderThanMs, before, failures.length];
      const [moment, ...open] = list(await this.#deps.link.run(OPEN, KEY_SHARD, args));
      for (const id of open.map(text)) {
        const failed = await this.#complete({ id, until, away });
        if (failed.length > 0) failures.push(failed[0]);
      }
      before = text(moment);
      got = open.length;
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Stores what it can. `away`: shards that did not answer before, which are not waited for again. */
  async #complete({ id, until, away }: OpenBatch): Promise<unknown[]> {
    const failures: unknown[] = [];
    for (let n = 0; ; n++) {
      const part = await this.#part(id, n);
      if (!part) break;
      try {
        const known = away.get(part.shard);
        if (known) throw known;
        await this.#store({ id, n, part, until });
      } catch (error) {
        if (error instanceof StorageError && error.kind === "unavailable") away.set(part.shard, error);
        failures.push(error);
      }
    }
    if (failures.length === 0) await this.#end(id);
    return failures;
  }

  async #begin(id: string, parts: Part[], jobs: NewJob[], now?: number): Promise<string[]> {
    const keys = jobs.flatMap(({ id: job, idempotency }) =>
      idempotency ? [[job, idempotencyOf(idempotency), idempotency.fingerprint]] : [],
    );
    const records = parts.map(({ shard, entries }) => pack({ shard, entries } satisfies Part));
    const args = [nowArgument(now), id, pack(keys), ...records];
    return list(await this.#deps.link.run(BEGIN, KEY_SHARD, args, { durable: true })).map(text);
  }

  async #part(id: string, n: number): Promise<Part | null> {
    const packed = await this.#deps.link.run(PART, KEY_SHARD, [id, n]);
    // Safe: written by `#begin` only.
    return packed === null ? null : (unpack(bytes(packed)) as Part);
  }

  /** Whoever was stopped for minutes must not store what others have completed, and forgotten, meanwhile. */
  #store({ id, n, part, until }: Storing, now?: number): Promise<Reply> {
    const { link, clock, enqueueScript } = this.#deps;
    if (clock.monotonic() > until) {
      const message = "it took so long to store a batch that it is left to the next sweep";
      return Promise.reject(new StorageError("unavailable", message));
    }
    const args = enqueueArguments(nowArgument(now), `batch ${id} ${n}`, [part.entries]);
    return link.run(enqueueScript, part.shard, args, { durable: true });
  }

  #deadline(): number {
    return this.#deps.clock.monotonic() + KNOWN_MS;
  }

  async #end(id: string): Promise<void> {
    await this.#deps.link.run(END, KEY_SHARD, [id]);
  }

  /** The jobs of an earlier call, which may not have come to its end. */
  async #existing(ids: string[]): Promise<Job[]> {
    const found = await this.#deps.get(ids);
    if (!found.includes(null)) return found.flatMap((job) => job ?? []);
    await this.#completeOpen(0);
    return (await this.#deps.get(ids)).flatMap((job) => job ?? []);
  }

  /** Of jobs that are gone: a repeat that met their end may have noted its key anew. */
  async #forgetKeys(jobs: NewJob[], gone: string[]): Promise<void> {
    const keys = new Set(
      jobs.flatMap(({ idempotency }) => (idempotency ? [idempotencyOf(idempotency)] : [])),
    );
    const pairs = [...keys].flatMap((key) => gone.flatMap((id) => [id, key]));
    await this.#deps.link.run(FORGET_KEYS, KEY_SHARD, pairs);
  }
}

/** A repeat has the same jobs in the same order; whatever else begins with one of them is another batch. */
function idOf(jobs: NewJob[]): string {
  const hash = new Bun.CryptoHasher("sha256");
  for (const { id } of jobs) hash.update(id).update("\n");
  return hash.digest("base64url");
}

function partsOf(jobs: NewJob[], shards: number): OwnPart[] {
  return [...Map.groupBy(jobs, (job) => shardOf(job.queue, shards))].flatMap(([shard, there]) =>
    slicesOf(there).map((asked) => ({ shard, asked, entries: asked.map((job) => toEntry(job, false)) })),
  );
}

/** In their order, each as much as one script may bring. */
function slicesOf(jobs: NewJob[]): NewJob[][] {
  const slices: NewJob[][] = [];
  let slice: NewJob[] = [];
  let size = 0;
  for (const job of jobs) {
    const own = bytesOf(job);
    if (slice.length === MOST_AT_ONCE || (slice.length > 0 && size + own > MOST_BYTES)) {
      slices.push(slice);
      slice = [];
      size = 0;
    }
    slice.push(job);
    size += own;
  }
  if (slice.length > 0) slices.push(slice);
  return slices;
}
