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

/** A job's record, in the positions that `include/record.lua` names. `false` stands for null. */
export type JobRecord = [
  seq: number,
  status: JobStatus,
  queue: string,
  host: string,
  driver: string,
  batch: string | false,
  priority: number,
  lane: string,
  runAt: number | false,
  ttlMs: number | false,
  expiresAt: number | false,
  resultTtlMs: number,
  retries: number,
  createdAt: number,
  enqueuedAt: number,
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

export function newRecord(job: NewJob): JobRecord {
  return [
    0,
    "queued",
    job.queue,
    job.host,
    job.driver,
    job.batchId ?? false,
    job.priority,
    job.lane,
    job.runAt ?? false,
    job.ttlMs ?? false,
    false,
    job.resultTtlMs,
    job.retries,
    job.createdAt,
    0,
    false,
    false,
    0,
    0,
    false,
    false,
    false,
    false,
    job.idempotency ? idempotencyOf(job.idempotency) : false,
  ];
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
  const [seq, status, queue, host, driver, batch, priority, , , , expiresAt, , , createdAt, enqueuedAt] =
    record;
  const [startedAt, endedAt, attempts, , , node, worker, result] = record.slice(15) as Rest;
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

type Rest = JobRecord extends [
  ...first: [
    unknown,
    unknown,
    unknown,
    unknown,
    unknown,
    unknown,
    unknown,
    unknown,
    unknown,
    unknown,
    unknown,
    unknown,
    unknown,
    unknown,
    unknown,
  ],
  ...rest: infer R,
]
  ? R
  : never;

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
