import { Packr } from "msgpackr";
import type { Job, JobError, JobResult, JobStatus, RetvalShape } from "../../core/job.ts";
import { type NewJob, resultTypeOf } from "../storage.ts";

const packr = new Packr({ useRecords: false, int64AsType: "number", moreTypes: false });

/** For one argument of a script. Null has no place in a Lua table: write `false` instead. */
export function pack(value: unknown): Buffer {
  return packr.pack(value);
}

export function unpack(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}

/**
 * What of a job changes, and what every script asks for, in the positions that `include/record.lua` names. `false`
 * stands for null. What only the store knows of a new job comes first, so that it can be put before the rest.
 */
export type JobState = [
  seq: number,
  ordinal: number,
  enqueuedAt: number,
  runAt: number | false,
  expiresAt: number | false,
  status: JobStatus,
  queue: string,
  resultTtlMs: number,
  createdAt: number,
  startedAt: number | false,
  endedAt: number | false,
  attempts: number,
  run: number,
  nonce: string | false,
  node: string | false,
  worker: string | false,
  result: string | false,
  /** Length of the sealed operation that stands behind the terms. */
  behind: number,
];

/** What of a job never changes. */
export type JobTerms = [
  host: string,
  driver: string,
  batch: string | false,
  priority: number,
  lane: string,
  ttlMs: number | false,
  retries: number,
  idempotency: string | false,
  /** A `Definition` as JSON. */
  definition: string,
];

/** What no script looks at. */
export interface Definition {
  site: string | null;
  command: string[];
  retvalShape: RetvalShape;
  executionTimeoutMs: number;
}

/** What a sealed operation may have to stand behind its job: a larger one would be written with each change of it. */
const MOST_BEHIND = 1024;

/** A new job as it is stored, without the head and the places that are the store's to fill. */
export function packNew(job: NewJob): { packed: Uint8Array; apart: Uint8Array | null } {
  const { sealed } = job;
  const apart = sealed.length > MOST_BEHIND;
  const state = newState(job, apart ? 0 : sealed.length).slice(STORES_PLACES);
  const packed = pack([...state, newTerms(job)]).subarray(ARRAY_HEAD);
  return apart ? { packed, apart: sealed } : { packed: Buffer.concat([packed, sealed]), apart: null };
}

/** Of the store's five places, and of the head of an array of fewer than sixteen, in bytes. */
const STORES_PLACES = 5;
const ARRAY_HEAD = 1;

/** Of a job that was not stored yet: the first five are the store's to say. */
export function newState({ queue, resultTtlMs, createdAt }: NewJob, behind: number): JobState {
  const stores = [0, 0, 0, false, false] as const;
  const untouched = [false, false, 0, 0, false, false, false, false] as const;
  return [...stores, "queued", queue, resultTtlMs, createdAt, ...untouched, behind];
}

export function newTerms(job: NewJob): JobTerms {
  const { host, driver, batchId, priority, lane, ttlMs, retries, idempotency } = job;
  const key = idempotency ? idempotencyOf(idempotency) : false;
  return [
    ...([host, driver, batchId ?? false, priority, lane, ttlMs ?? false, retries, key] as const),
    newDefinition(job),
  ];
}

/** Begins with the scope's length, so that no two pairs meet. */
export function idempotencyOf({ scope, key }: { scope: string; key: string }): string {
  return `${scope.length}:${scope}${key}`;
}

function newDefinition({ site, command, retvalShape, executionTimeoutMs }: NewJob): string {
  return JSON.stringify({ site, command, retvalShape, executionTimeoutMs } satisfies Definition);
}

/** What is stored under a job's key, in its parts. */
export interface StoredJob {
  state: JobState;
  terms: JobTerms;
  definition: Definition;
  /** Empty where it has a key of its own, or the job has ended. */
  sealed: Buffer;
}

export function parseStored(stored: Buffer): StoredJob {
  const parts: unknown[] = [];
  packr.unpackMultiple(stored, (part) => parts.push(part) < 2);
  // Safe: only our scripts write jobs.
  const [state, terms] = parts as [JobState, JobTerms];
  // Safe: written by `newDefinition` only.
  const definition = JSON.parse(terms[8]) as Definition;
  return { state, terms, definition, sealed: stored.subarray(stored.length - state[17]) };
}

export function toJob(id: string, stored: Buffer): Job {
  return jobOf(id, parseStored(stored));
}

export function jobOf(id: string, { state, terms, definition }: StoredJob): Job {
  const [seq, , enqueuedAt, , expiresAt, status, queue, , createdAt, startedAt, endedAt, attempts] = state;
  const [node, worker, result] = [state[14], state[15], state[16]];
  const [host, driver, batch, priority] = terms;
  const { site, command, retvalShape } = definition;
  return {
    id,
    seq,
    status,
    queue,
    driver,
    host,
    site,
    node: node || null,
    worker: worker || null,
    batchId: batch || null,
    command,
    retvalShape,
    priority,
    attempts,
    createdAt,
    enqueuedAt,
    startedAt: moment(startedAt),
    endedAt: moment(endedAt),
    expiresAt: moment(expiresAt),
    // Safe: written by `encodeResult` only.
    result: result ? (JSON.parse(result) as JobResult) : null,
  };
}

/** A job that was stored just now, as the store answers it. */
export function storedJob(job: NewJob, seq: number, now: number): Job {
  const startsAt = Math.max(now, job.runAt ?? now);
  const { id, queue, driver, host, site, batchId, command, retvalShape, priority, createdAt } = job;
  return {
    ...{ id, seq, status: "queued", queue, driver, host, site, node: null, worker: null, batchId },
    ...{
      command,
      retvalShape,
      priority,
      attempts: 0,
      createdAt,
      enqueuedAt: now,
      startedAt: null,
      endedAt: null,
    },
    expiresAt: job.ttlMs === null ? null : startsAt + job.ttlMs,
    result: null,
  };
}

/** Zero is a moment, too. */
function moment(value: number | false): number | null {
  return value === false ? null : value;
}

export function encodeResult(error: JobError | null): string {
  const type = error ? resultTypeOf(error) : "success";
  return JSON.stringify({ type, error } satisfies JobResult);
}

/** The value of an entry of `runs`. */
export type RunRecord = [
  run: number,
  nonce: string,
  node: string,
  worker: string,
  renewal: number,
  abort: 0 | 1,
];

export function toRun(packed: Buffer): RunRecord {
  // Safe: only our scripts write runs.
  return unpack(packed) as RunRecord;
}
