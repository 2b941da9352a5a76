import type { Job, JobError, JobResult, RunToken } from "../../core/job.ts";
import type { jobs } from "./schema.ts";

/** A row of `jobs`, as drizzle and the `.sql` files return it. */
export type JobRow = typeof jobs.$inferSelect;

/** What a job shows of itself. */
const LISTED = [
  ...(["id", "seq", "status", "queue", "driver", "host", "site", "node", "worker", "batch_id"] as const),
  ...(["command", "retval_shape", "priority", "attempts", "created_at", "enqueued_at"] as const),
  ...(["started_at", "ended_at", "expires_at", "result"] as const),
];
export type ListedRow = Pick<JobRow, (typeof LISTED)[number]>;
export const LISTED_COLUMNS = LISTED.join(", ");

/** What the end of a run, or its way back to the queue, needs to know of the job. */
const RUN = [
  ...(["seq", "id", "status", "queue", "priority", "lane", "attempts", "retries", "run", "nonce"] as const),
  ...(["renewal", "abort", "worker", "started_at", "ttl_ms", "enqueued_at", "expires_at"] as const),
];
export type RunRow = Pick<JobRow, (typeof RUN)[number]>;
export const RUN_COLUMNS = RUN.join(", ");

/** What a job that leaves the queue counted towards. */
const QUEUED = ["seq", "id", "queue", "priority", "lane", "ready"] as const;
export type QueuedRow = Pick<JobRow, (typeof QUEUED)[number]>;
export const QUEUED_COLUMNS = QUEUED.join(", ");

export function toJob(row: ListedRow): Job {
  return {
    id: row.id,
    seq: row.seq,
    status: row.status,
    queue: row.queue,
    driver: row.driver,
    host: row.host,
    site: row.site,
    node: row.node,
    worker: row.worker,
    batchId: row.batch_id,
    command: JSON.parse(row.command) as string[],
    retvalShape: row.retval_shape,
    priority: row.priority,
    attempts: row.attempts,
    createdAt: row.created_at,
    enqueuedAt: row.enqueued_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    expiresAt: row.expires_at,
    result: row.result === null ? null : (JSON.parse(row.result) as JobResult),
  };
}

/** The run that a started job is in. A started job always has a nonce. */
export function toToken(row: { id: string; run: number; nonce: string | null }): RunToken {
  return { id: row.id, run: row.run, nonce: row.nonce ?? "" };
}

export function encodeResult(type: JobResult["type"], error: JobError | null): string {
  return JSON.stringify({ type, error } satisfies JobResult);
}
