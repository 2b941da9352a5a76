import type { Access } from "../core/access.ts";
import type { CredentialRef, HopCredentials } from "../core/credential.ts";
import type { TaskState } from "../core/detached-task.ts";
import type { FieldError } from "../core/errors.ts";
import type { AskedTransfer } from "../core/file-transfer.ts";
import type { Job, JobStatus } from "../core/job.ts";
import type { CommandOutput } from "../core/output-log.ts";
import type { Batch } from "../storage/batches.ts";
import type { DeliveryCounts } from "../storage/deliveries.ts";
import type { JobFilter, NodeReported, SessionState, Worker, WorkerFilter } from "../storage/storage.ts";
import type { KnownTask } from "../storage/tasks.ts";
import type { Parsing, Rendering } from "../template/templates.ts";
import type { Deliveries } from "./deliveries.ts";
import type { FileGrant } from "./file-grants.ts";
import type { FollowParams, JobEvent } from "./follow.ts";
import type { OutputPart } from "./outputs.ts";
import type { Waiting } from "./waiting.ts";
import type { WebhookRequest } from "./webhooks.ts";

/** Who asks: decides lanes (fairness), the scope of idempotency keys, and what is allowed. */
export interface Caller {
  /** Stable name of the API key, never the key. */
  key: string;
  access: Access;
}

/** A command with what is to be told of it; what that may be, beside `parsing`, is the driver's to say. */
export interface CommandEntry {
  command: string;
  /** How what it prints is parsed, instead of as the request says for all; false: not at all. */
  parsing?: Parsing | false;
  [name: string]: unknown;
}

/** `POST /device/exec`, after its shape was checked; the driver's own fields are checked by submit. */
export interface ExecRequest {
  driver: string;
  connectionArgs: Record<string, unknown>;
  driverArgs: Record<string, unknown>;
  operation:
    | { kind: "command"; text: string | (string | CommandEntry)[] }
    | { kind: "config"; text: string | string[] }
    | { kind: "file_transfer"; transfers: AskedTransfer[] }
    | { kind: "connect" };
  queueStrategy?: "fifo" | "pinned";
  /** In its queue; seconds, as in the request. */
  ttl?: number;
  /** Of one run, seconds. */
  executionTimeout?: number;
  /** Of what is kept once it has ended, seconds. */
  resultTtl?: number;
  /** -100 to 100; higher is taken first. */
  priority?: number;
  /** How often a run may be repeated that failed or was lost, 0 to 100. */
  retries?: number;
  /** Retries of `config` need this as well. */
  retryConfig?: boolean;
  idempotencyKey?: string;
  /** The operation's text is one template or several. */
  rendering?: Rendering;
  parsing?: Parsing;
  /** Whether secrets that its output shows are hidden. Default: those of a config are. */
  maskOutput?: boolean;
  /** Where its login is kept: the first that can be read is taken. */
  credentials?: readonly CredentialRef[];
  /** The same for each of its jump hosts, by their places; null: its login is among the arguments. */
  hopCredentials?: HopCredentials;
  /** It starts a detached task that is to be known: names of the driver arguments that it takes to reach it again. */
  login?: readonly string[];
  /** Who is told of its end. */
  webhook?: WebhookRequest;
}

/** What it takes to reach a task again. */
export type TaskLogin = Pick<
  ExecRequest,
  "driver" | "connectionArgs" | "driverArgs" | "credentials" | "hopCredentials"
>;

/** A task as it is known, without what is sealed. */
export type TaskView = Omit<KnownTask, "sealed">;

/** What is said of a task that is to be known. */
export type NewTask = Pick<KnownTask, "id" | "command" | "state" | "createdAt">;

/** Detached tasks, over all hosts. */
export interface Tasks {
  /** A page, the newest first, as each was seen last. */
  list(params: { state?: TaskState; limit: number; after?: string }): Promise<{
    tasks: TaskView[];
    next: string | null;
  }>;
  /** Throws `RequestError` (`not_found`). */
  open(id: string): Promise<{ task: TaskView; login: TaskLogin }>;
  /** Knows a task from now on, with its login sealed, for `job.task_ttl` from its creation. */
  keep(login: TaskLogin, task: NewTask): Promise<TaskView>;
  /** Notes how it was seen. Does nothing for one that was forgotten. */
  mark(id: string, state: TaskState): Promise<void>;
  /** Knows it no more; on its host it goes on. Idempotent. */
  forget(id: string): Promise<void>;
}

/** `POST /device/test`, after its shape was checked. */
export type TestRequest = TaskLogin;

/** One device of a bulk request. */
export interface BulkEntry {
  /** As the request names it, where it does. */
  host: string | null;
  /** null: its shape is wrong, and `reason` says how. */
  request: ExecRequest | null;
  reason: string | null;
}

/** `POST /device/bulk`, after its shape was checked. Entries are made when they are asked for: there may be thousands. */
export interface BulkRequest {
  /** Entries, `job.max_bulk` at most. */
  count: number;
  /** The entry at a place from 0. */
  entry(place: number): BulkEntry;
  /** So many jobs must finish well before the rest is released. */
  canary?: number;
  /** When so many have failed, what is queued is cancelled. */
  stopAfterFailures?: number;
  idempotencyKey?: string;
}

/** What became of a bulk request. */
export interface BulkAnswer {
  /** null when no entry could be taken. */
  batch: Batch | null;
  /** It was submitted before, under this key. */
  duplicate: boolean;
  /** In the order of the request; those that were forgotten since are left out of a repeat. */
  jobs: Job[];
  refused: RefusedEntry[];
  /** Entries of a retry that had not failed. */
  skipped: number;
}

/** An entry of a bulk request that no job was made of. */
export interface RefusedEntry {
  /** In the request, from 0. */
  place: number;
  host: string | null;
  reason: string;
}

/** A batch with how many of its jobs are in each status. */
export interface BatchView {
  batch: Batch;
  counts: Record<JobStatus, number>;
}

/** A job with what it printed. `outputs` is null when the caller asked for none. */
export interface JobView {
  job: Job;
  outputs: CommandOutput[] | null;
  /** `outputs` shows a part of it. */
  truncated?: boolean;
  /** Why it has not started; null unless it is queued. */
  waiting: Waiting | null;
}

/** Which page of jobs, and with what. */
export interface JobQuery {
  filter: JobFilter;
  order: "asc" | "desc";
  /** Jobs of a page at most; fewer where the page holds 16 MB. */
  limit: number;
  /** `next` of the page before. */
  after?: number;
  /** With what they printed. */
  outputs: boolean;
}

/** A worker that was told to stop. */
export interface StoppedWorker {
  worker: string;
  /** `stopping` when its node did not confirm in time. */
  status: "stopped" | "stopping";
  /** What ran on it, and where its process had to be killed what died with it. */
  interruptedJobs: string[];
}

/** How the service is, as one look found it. */
export interface HealthReport {
  ok: boolean;
  /** One line per thing that is down; empty when all is well. */
  down: string[];
  /** Null: it did not answer, or may not be asked. */
  storage: { name: string; ok: boolean; latencyMs: number | null; sizeBytes: number | null };
  /** By status; the oldest heartbeat of a living one, wall-clock ms. */
  workers: Record<"busy" | "idle" | "suspended" | "dead", number> & { oldestHeartbeat: number | null };
  /** Of living workers. */
  sessions: Record<SessionState, number>;
  /** What nodes that are not lost have told with their last heartbeat. */
  nodes: NodeReported[];
  /** Those in which jobs wait, and since when, wall-clock ms. */
  queues: { queue: string; depth: number; oldestAt: number }[];
  jobs: Record<JobStatus, number>;
  deliveries: DeliveryCounts;
}

/**
 * The queue as the API sees it. Throws `RequestError` for what the caller did wrong, may not do, or may not do now, and
 * `StorageError` when the store does not answer.
 */
export interface Engine {
  /** Every wrong field of the parts that are there, so that one answer can name them all. */
  check(request: Partial<ExecRequest>): FieldError[];
  /** What of a request that is right its caller's key does not allow. */
  denies(request: ExecRequest, caller: Caller): FieldError[];
  /** Checks, seals and queues a job. `duplicate`: the idempotency key was seen before, this is its job. */
  submit(request: ExecRequest, caller: Caller): Promise<{ job: Job; duplicate: boolean }>;
  /**
   * Connects to a device and logs in, as a job that does nothing else, and answers with it when it has ended. Bounded by
   * `job.test_timeout`; one that has not ended by then, or whose caller went away, is cancelled.
   */
  test(request: TestRequest, caller: Caller, signal: AbortSignal): Promise<JobView>;
  /** The same for any request, as those who wait for an answer of a device need it. */
  runNow(request: ExecRequest, caller: Caller, signal: AbortSignal): Promise<JobView>;
  tasks: Tasks;
  deliveries: Deliveries;
  /** Queues one job for each entry that is right; the others are refused one by one. */
  submitBulk(bulk: BulkRequest, caller: Caller): Promise<BulkAnswer>;
  /** `not_found` for an unknown one. Its jobs are listed by `jobs`. */
  batch(id: string): Promise<BatchView>;
  /** Cancels what of a batch is queued, now and later; started jobs go on. */
  cancelBatch(id: string): Promise<{ cancelled: string[] }>;
  /**
   * Submits those entries again whose job has failed, or with `cancelled` was cancelled, as a batch of their own.
   * `bulk` is the request of the batch once more, for what it held of secrets is erased. `conflict` while the batch
   * goes on, and when it was retried with another body.
   */
  retryBatch(
    params: { id: string; bulk: BulkRequest; cancelled: boolean },
    caller: Caller,
  ): Promise<BulkAnswer>;
  /**
   * One job (`not_found` otherwise). With `waitMs` the answer is held until the job is final, the time
   * is over, or `signal` aborts (the client went away).
   */
  job(params: { id: string; waitMs: number; outputs: boolean; signal: AbortSignal }): Promise<JobView>;
  /** A part of what a job has printed, from where one begins; see `readOutput`. */
  output(params: { id: string; offset: number; max: number }): Promise<OutputPart>;
  /** What happens to a job as it happens, to its end; see `follow`. */
  follow(params: FollowParams): AsyncGenerator<JobEvent, void>;
  /** A page of jobs; `next` is null on the last one. */
  jobs(query: JobQuery): Promise<{ jobs: JobView[]; next: number | null }>;
  /** By id: `not_found`, or `conflict` when started (unless `abort`) or ended. */
  cancelJob(params: { id: string; abort: boolean }): Promise<{ cancelled: string[] }>;
  /** All that are queued and match, however many; started ones are not touched. */
  cancelJobs(filter: JobFilter): Promise<{ cancelled: string[] }>;
  /** A page by name, dead ones among them. */
  workers(params: { filter: WorkerFilter; limit: number; after?: string }): Promise<{
    workers: Worker[];
    next: string | null;
  }>;
  /** Interrupts and stops; answers when they have stopped. `not_found` for an unknown name. */
  stopWorkers(filter: WorkerFilter): Promise<StoppedWorker[]>;
  /** From the answer on they are given nothing new, or are again. Names them; `not_found` for an unknown name. */
  suspendWorkers(filter: WorkerFilter, suspended: boolean): Promise<string[]>;
  /** What a node has shown to have files of a job, if it is ours and the job runs. */
  fileGrant(text: string): Promise<FileGrant | null>;
  /** A store that does not answer within `health.timeout` is down, not an exception. Goes through all workers: not for every request. */
  health(): Promise<HealthReport>;
}
