import type { ErrorType } from "./errors.ts";

/** Whatever a job is in, it is in exactly one of these. */
export const JOB_STATUSES = ["queued", "started", "finished", "failed", "cancelled"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** A job in one of these never changes again. */
export const FINAL_STATUSES = ["finished", "failed", "cancelled"] as const satisfies readonly JobStatus[];
export type FinalStatus = (typeof FINAL_STATUSES)[number];

/** Whether it never changes again. */
export function isFinal(status: JobStatus): status is FinalStatus {
  return (FINAL_STATUSES as readonly JobStatus[]).includes(status);
}

/**
 * Every legal change of a job's status, by the name of the transition. A store implements each one as
 * one atom guarded by the status it leaves; `docs/job-states.md` draws this table and a test compares them.
 */
export const TRANSITIONS = {
  claim: { from: "queued", to: "started" },
  cancel: { from: "queued", to: "cancelled" },
  expire: { from: "queued", to: "failed" },
  succeed: { from: "started", to: "finished" },
  fail: { from: "started", to: "failed" },
  reap: { from: "started", to: "failed" },
  release: { from: "started", to: "queued" },
  retry: { from: "started", to: "queued" },
} as const satisfies Record<string, { from: JobStatus; to: JobStatus }>;

/** How a job ended: `stopped` is aborted, or its worker was stopped or lost. */
export const RESULT_TYPES = ["success", "failed", "stopped", "timeout"] as const;
export type ResultType = (typeof RESULT_TYPES)[number];

/** Why a job failed, as the API shows it. `message` never holds a secret. */
export interface JobError {
  type: ErrorType;
  message: string;
  /** Whether the same request may succeed later unchanged (device away, capacity), as far as we know. */
  retryable: boolean;
}

/** What a run that outlasts its time ends with, whoever notices it first. `doing` completes "it was …". */
export function overdueError(timeoutMs: number, doing: string): JobError {
  return {
    type: "TimeoutError",
    message: `the job did not end within its execution_timeout of ${timeoutMs / 1000} s; it was ${doing}`,
    retryable: true,
  };
}

/** How `retval` is shaped: `text` for a request given as one string, `map` for a list. */
export type RetvalShape = "text" | "map";

/** What a run came to, without its output (which is in the output log). */
export interface JobResult {
  type: ResultType;
  error: JobError | null;
}

/**
 * The claim's proof. `run` counts the claims of one job; `nonce` is random, so that a store that lost
 * a claim in a fail-over cannot hand out the same token again. Every write for a started job names it.
 */
export interface RunToken {
  /** The job's. */
  id: string;
  /** From 1, one more with each claim. */
  run: number;
  nonce: string;
}

/** A job as stored and listed. Times are wall-clock milliseconds; absent values are null. */
export interface Job {
  id: string;
  /** Strictly increasing in the order of enqueueing within one store (or shard). */
  seq: number;
  status: JobStatus;
  queue: string;
  driver: string;
  /** Canonical device host, or a name without meaning to us when the driver has no host. */
  host: string;
  site: string | null;
  /** Node and worker of the last run. */
  node: string | null;
  worker: string | null;
  batchId: string | null;
  /** What is sent to the device, secrets masked. */
  command: string[];
  retvalShape: RetvalShape;
  /** 0 is normal; higher is claimed first. */
  priority: number;
  /** Runs that count against `retries`; one that was handed back does not. */
  attempts: number;
  /** By the clock of the API that took it; all others by the store's. */
  createdAt: number;
  enqueuedAt: number;
  /** Of the last run. */
  startedAt: number | null;
  endedAt: number | null;
  /** Queued past this moment the job fails with JobExpired; null: never. */
  expiresAt: number | null;
  result: JobResult | null;
}

/** FIFO jobs of all devices without a site wait here. */
export const FIFO_QUEUE = "FifoQ";
/** What the name of a device's queue begins with. */
export const PINNED_PREFIX = "pinned_";

/** Whether its jobs run one after another. */
export function isPinnedQueue(queue: string): boolean {
  return queue.startsWith(PINNED_PREFIX);
}
