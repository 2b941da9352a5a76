import type { Job } from "../../core/job.ts";
import type { NewJob } from "../storage.ts";
import { idempotencyOf, newDefinition, pack, packTail, storedJob, toJob } from "./codec.ts";
import type { Argument, Reply } from "./link.ts";
import { bytes, int, list, text } from "./replies.ts";

/** A job as `enqueue.lua` takes it. */
export interface NewEntry {
  facts: unknown[];
  /** The rest of its record. */
  tail: Uint8Array;
  sealed: Uint8Array;
}

/** `withKey`: its idempotency key is looked after by the same script. */
export function toEntry(job: NewJob, withKey: boolean): NewEntry {
  const { id, queue, host, driver, batchId, priority, lane, runAt, ttlMs, createdAt, idempotency } = job;
  const key = withKey && idempotency ? [idempotencyOf(idempotency), idempotency.fingerprint] : [false, false];
  const places = [id, queue, host, driver, batchId ?? false, priority, lane];
  const facts = [...places, runAt ?? false, ttlMs ?? false, createdAt, ...key, newDefinition(job)];
  return { facts, tail: packTail(job), sealed: job.sealed };
}

/** The arguments of `enqueue.lua`. Lua's msgpack knows no bytes, so those come after the calls. */
export function enqueueArguments(now: string, op: string, calls: NewEntry[][]): Argument[] {
  const blobs: Uint8Array[] = [];
  const numbered = calls.map((call) =>
    call.map(({ facts, tail, sealed }) => {
      const number = blobs.push(tail);
      blobs.push(sealed);
      return [...facts, number];
    }),
  );
  return [now, op, pack(numbered), ...blobs];
}

/** What `enqueue.lua` says of one call. */
export interface Enqueued {
  outcome: "stored" | "duplicate" | "mismatch";
  jobs: Job[];
}

/** `asked`: the jobs of the call, which the answer counts on. */
export function toEnqueued(reply: Reply, asked: NewJob[], now: number): Enqueued {
  const [outcome, ...answers] = list(reply);
  // Safe: the script answers nothing else.
  const kind = text(outcome) as Enqueued["outcome"];
  return { outcome: kind, jobs: answers.map((answer, n) => toStored(answer, asked[n], now)) };
}

/** Of a new job only its seq is told; of one that was there before everything. */
function toStored(answer: Reply, asked: NewJob | undefined, now: number): Job {
  if (Buffer.isBuffer(answer) && asked) return storedJob(asked, Number(answer.toString()), now);
  const [id, record, def] = list(answer);
  return toJob(text(id), bytes(record), bytes(def));
}

/** The moment that the script went by, and its answer to each call. */
export function answersOf(reply: Reply): { now: number; answers: Reply[] } {
  const [now, ...answers] = list(reply);
  return { now: int(now), answers };
}
