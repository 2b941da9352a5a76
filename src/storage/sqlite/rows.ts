import type { Job, JobError, JobResult, RunToken } from "../../core/job.ts";
import type { jobs } from "./schema.ts";

/** A row of `jobs`, as drizzle and the `.sql` files return it. */
export type JobRow = typeof jobs.$inferSelect;

/** What the end of a run, or its way back to the queue, needs to know of the job. */
export type RunRow = Pick<JobRow, (typeof RUN_FIELDS)[number]>;

const RUN_FIELDS = [
  ...(["seq", "id", "status", "queue", "priority", "lane", "attempts", "retries", "run", "nonce"] as const),
  ...(["renewal", "abort", "worker", "started_at", "ttl_ms", "enqueued_at", "expires_at"] as const),
];
export const RUN_COLUMNS = RUN_FIELDS.join(", ");

/** What a job that leaves the queue counted towards. */
export type QueuedRow = Pick<JobRow, "seq" | "id" | "queue" | "priority" | "lane" | "ready">;
export const QUEUED_COLUMNS = "seq, id, queue, priority, lane, ready";

export function toJob(row: JobRow): Job {
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
