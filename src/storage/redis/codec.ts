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
 * A job's record, in the positions that `include/record.lua` names. `false` stands for null. What only the store
 * knows of a new job comes first, so that it can be put before the rest as it was packed.
 */
export type JobRecord = [
  seq: number,
  enqueuedAt: number,
  runAt: number | false,
  expiresAt: number | false,
  status: JobStatus,
  queue: string,
  host: string,
  driver: string,
  batch: string | false,
  priority: number,
  lane: string,
  ttlMs: number | false,
  resultTtlMs: number,
  retries: number,
  createdAt: number,
  startedAt: number | false,
  endedAt: number | false,
  attempts: number,
  run: number,
  nonce: string | false,
  node: string | false,
  worker: string | false,
  result: string | false,
  idempotency: string | false,
];

/** What of a job never changes and no script looks at: `def:<id>`, JSON. */
export interface Definition {
  site: string | null;
  command: string[];
  retvalShape: RetvalShape;
  executionTimeoutMs: number;
}

/** Of one that was not stored yet: the first four are the store's to say. */
export function newRecord(job: NewJob): JobRecord {
  const known = [job.queue, job.host, job.driver, job.batchId ?? false, job.priority, job.lane] as const;
  const terms = [job.ttlMs ?? false, job.resultTtlMs, job.retries, job.createdAt] as const;
  const key = job.idempotency ? idempotencyOf(job.idempotency) : false;
  return [0, 0, false, false, "queued", ...known, ...terms, ...UNTOUCHED, key];
}

const UNTOUCHED = [false, false, 0, 0, false, false, false, false] as const;
/** Of the store's four places, and of the head of an array of more than fifteen, in bytes. */
const ARRAY_HEAD = 3;
const STORES_PLACES = 4;

/** A new record as msgpack, without the head and the places that are the store's to fill. */
export function packTail(job: NewJob): Buffer {
  return pack(newRecord(job).slice(STORES_PLACES)).subarray(ARRAY_HEAD);
}

/** Begins with the scope's length, so that no two pairs meet. */
export function idempotencyOf({ scope, key }: { scope: string; key: string }): string {
  return `${scope.length}:${scope}${key}`;
}

export function newDefinition({ site, command, retvalShape, executionTimeoutMs }: NewJob): string {
  return JSON.stringify({ site, command, retvalShape, executionTimeoutMs } satisfies Definition);
}

export function toRecord(packed: Buffer): JobRecord {
  // Safe: only our scripts write records.
  return unpack(packed) as JobRecord;
}

export function toDefinition(json: Buffer): Definition {
  // Safe: written by `newDefinition` only.
  return JSON.parse(json.toString()) as Definition;
}

export function toJob(id: string, packed: Buffer, json: Buffer): Job {
  return jobOf(id, toRecord(packed), toDefinition(json));
}

export function jobOf(id: string, record: JobRecord, { site, command, retvalShape }: Definition): Job {
  const [seq, enqueuedAt, , expiresAt, status, queue, host, driver, batch, priority] = record;
  const [createdAt, startedAt, endedAt, attempts, , , node, worker, result] = record.slice(14) as Rest;
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

type Rest = JobRecord extends [...first: Fourteen, ...rest: infer R] ? R : never;
type Seven = [unknown, unknown, unknown, unknown, unknown, unknown, unknown];
type Fourteen = [...Seven, ...Seven];

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
