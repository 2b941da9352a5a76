import type { Job } from "../../core/job.ts";
import type { NewWebhook } from "../deliveries.ts";
import type { NewJob } from "../storage.ts";
import { idempotencyOf, pack, packNew, storedJob, toJob } from "./codec.ts";
import type { Argument, Reply } from "./link.ts";
import { bytes, int, list, text } from "./replies.ts";

/** A job as `enqueue.lua` takes it. */
export interface NewEntry {
  id: string;
  createdAt: number;
  /** What neighbours often have in common: queue, host, driver, batch, priority, lane, moment to start at, TTL. */
  shared: unknown[];
  /** Its idempotency key and the fingerprint of its request; null where it has none, or another script sees to it. */
  key: [key: string, fingerprint: string] | null;
  /** As it is stored, without what only the store knows. */
  packed: Uint8Array;
  /** A sealed operation that is too large to be a part of that. */
  apart: Uint8Array | null;
  /** Who is told of its end; a batch record of an older program has none. */
  webhook?: NewWebhook | null;
}

/** `withKey`: its idempotency key is looked after by the same script. */
export function toEntry(job: NewJob, withKey: boolean): NewEntry {
  const { id, queue, host, driver, batchId, priority, lane, runAt, ttlMs, createdAt, idempotency } = job;
  const shared = [queue, host, driver, batchId ?? false, priority, lane, runAt ?? false, ttlMs ?? false];
  const key: NewEntry["key"] =
    withKey && idempotency ? [idempotencyOf(idempotency), idempotency.fingerprint] : null;
  return { id, createdAt, shared, key, ...packNew(job), webhook: job.webhook ?? null };
}

/** Of all that is sealed of a job. */
export function bytesOf({ sealed, webhook }: NewJob): number {
  return sealed.length + (webhook?.sealed.length ?? 0);
}

/** The arguments of `enqueue.lua`. Lua's msgpack knows no bytes, so those come after the rest. */
export function enqueueArguments(now: string, op: string, calls: NewEntry[][]): Argument[] {
  const entries = calls.flat();
  const numbersApart = entries.flatMap(({ apart }, n) => (apart === null ? [] : [n + 1]));
  const keyed = Object.fromEntries(entries.flatMap(({ key }, n) => (key === null ? [] : [[n + 1, key]])));
  const facts = [
    calls.map((call) => call.length),
    groupsOf(entries),
    entries.map(({ id }) => id),
    entries.map(({ createdAt }) => createdAt),
    numbersApart,
    keyed,
    entries.flatMap(({ webhook }, n) => (webhook ? [[n + 1, webhook.target, webhook.timeoutMs]] : [])),
  ];
  const blobs = [
    ...entries.map(({ packed }) => packed),
    ...entries.flatMap(({ apart }) => apart ?? []),
    ...entries.flatMap(({ webhook }) => webhook?.sealed ?? []),
  ];
  return [now, op, pack(facts), ...blobs];
}

/** How many neighbours are alike, and what they share. */
function groupsOf(entries: NewEntry[]): unknown[][] {
  const groups: [count: number, ...shared: unknown[]][] = [];
  let alike: unknown[] | null = null;
  for (const { shared } of entries) {
    const group = groups.at(-1);
    if (group && alike?.every((value, n) => value === shared[n])) group[0] += 1;
    else groups.push([1, ...shared]);
    alike = shared;
  }
  return groups;
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
  const [id, stored] = list(answer);
  return toJob(text(id), bytes(stored));
}

/** The moment that the script went by, and its answer to each call. */
export function answersOf(reply: Reply): { now: number; answers: Reply[] } {
  const [now, ...answers] = list(reply);
  return { now: int(now), answers };
}
