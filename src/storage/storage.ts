import type { Site } from "../core/device.ts";
import type { StorageError } from "../core/errors.ts";
import type { FinalStatus, Job, JobError, JobResult, JobStatus, RetvalShape, RunToken } from "../core/job.ts";
import type { NodeReport } from "../core/node-report.ts";
import type { NewWebhook } from "./deliveries.ts";

/**
 * The queue's storage seam: everything the engine needs of a store, and nothing about how it keeps it.
 *
 * Rules that hold for every method and every backend (the conformance suite proves them):
 * - Expected outcomes are values. The only exception thrown is `StorageError`.
 * - Every change of status is one atom, guarded by the status it leaves and, for a started job, by the
 *   run's token.
 * - `op` is made by the caller and names one logical call. A repeat with the same `op` (a reply was
 *   lost) changes nothing and gets the first answer; answers are kept for at least 10 minutes (that of a claim
 *   that got nothing for one). Methods
 *   without `op` are idempotent by their own keys, as each says.
 * - Times are wall-clock milliseconds of the store's own clock; `now` overrides it in tests only.
 * - Hints save time and may be lost; nothing may depend on one.
 */
export interface Storage {
  readonly info: StorageInfo;

  /** Brings the schema up to date, under a lock; does nothing when it is. Refuses a newer schema. */
  migrate(): Promise<{ from: number; to: number }>;
  /** Answers when a read and a write path work. Called by health. */
  ping(): Promise<{ latencyMs: number; sizeBytes: number | null }>;
  /** Finishes what was accepted, then releases everything. Idempotent. */
  close(): Promise<void>;

  /**
   * Stores jobs as `queued`, all or none, in the order given. Called by submit.
   * Idempotent by `id`: a job that is there already is returned as it is and not stored again.
   * With `idempotency`, the first job stored under that key within its scope decides: a repeat with
   * the same fingerprint returns it (`duplicate`), with another one nothing is stored (`mismatch`).
   */
  enqueue(params: { jobs: NewJob[]; now?: number }): Promise<EnqueueResult>;

  /**
   * Starts at most one queued job for each request, in the order of requests. Called by the dispatcher.
   * Within a queue: highest priority, then the lane served longest ago, then lowest sequence; jobs whose
   * `runAt` lies ahead or whose TTL has run out are passed over. A lane that has just got work comes right
   * before the one served last: it waits for those that have waited longer, and no caller gains by making
   * new lanes. What is delayed comes in when a worker that is not refused asks after its moment, in the order of
   * those moments, also while its queue is busy. A pinned queue yields only while none of its jobs is started. A worker that is unknown, dead,
   * suspended, asked to stop, of another incarnation or queue, or that runs a job already, gets nothing.
   * A repeat leaves out runs that are over by then.
   */
  claim(params: ClaimParams): Promise<Claim[]>;

  /**
   * A node's pulse, called every third of a lease: proves the node alive, renews the leases of its runs,
   * stores what changed in its workers, and brings back what others asked of it.
   * `known: false`: this incarnation was declared lost; the node must drop everything and register
   * again under a new incarnation. Never revives a run that was reaped.
   */
  heartbeat(params: HeartbeatParams): Promise<HeartbeatResult>;

  /**
   * Appends to the output log of a started job. `offset` is where the caller believes the log ends, in
   * bytes. `already`: that part is stored (a repeat). What overlaps stays, and only the rest is added.
   * `lost`: the run is not this one any more, or the log ends before `offset`: the store has lost a part.
   */
  appendOutput(params: {
    token: RunToken;
    offset: number;
    bytes: Uint8Array;
  }): Promise<"ok" | "already" | "lost">;
  /** Reads the output log from a byte offset, at most `max` bytes. Unknown job: empty and ended. */
  readOutput(params: { id: string; offset: number; max: number }): Promise<OutputSlice>;

  /**
   * Ends runs, or hands them back, each with the rest of its output, in one transaction. Called by the
   * runner. Idempotent by token: `already` when this very run was settled before. `lost`: it was
   * reaped, or its log has a gap, and nothing was written. Erases the sealed operation when the job becomes
   * final. A job whose abort was asked for ends as `ABORTED` instead of going back to the queue.
   */
  settle(params: { settlements: Settlement[]; now?: number }): Promise<SettleOutcome[]>;

  /** Cancels one queued job, or asks for the abort of a started one when `abort` is set. */
  cancel(params: { op: string; id: string; abort: boolean; now?: number }): Promise<CancelOutcome>;
  /** Cancels every queued job that matches, however many, and names them. Never touches a started one. */
  cancelQueued(params: { op: string; filter: JobFilter; now?: number }): Promise<{ ids: string[] }>;

  /**
   * Lets the held jobs of a batch start (those with `runAt` = `HELD`), however many; their TTL begins now. Jobs that
   * arrive while it goes on may be left. Idempotent: a job that was released is held no more.
   */
  releaseHeld(params: { batchId: string; now?: number }): Promise<{ released: number }>;

  /**
   * All leases of started jobs. `renewal` grows with every renewal: a run is lost when the same value
   * is seen for a whole lease on the watcher's monotonic clock, whatever any wall clock says.
   */
  leases(): Promise<Lease[]>;
  /**
   * Ends runs whose lease lapsed: `failed` with `error`, or back to `queued` when the job allows retries
   * and has attempts left. Guarded by token and renewal: a run renewed meanwhile is left alone.
   * One whose abort was asked for ends as `ABORTED`.
   * Idempotent. Called by the reaper; any number of nodes may.
   */
  reap(params: { leases: Lease[]; error: JobError; now?: number }): Promise<ReapOutcome[]>;
  /** Fails queued jobs whose TTL has run out, oldest first. Idempotent. Called by the expirer. */
  expire(params: { max: number; error: JobError; now?: number }): Promise<{ ids: string[] }>;

  /** Jobs in the order of `ids`; null where there is none. Without output: see `outputs`. */
  get(params: { ids: string[] }): Promise<(Job | null)[]>;
  /**
   * Output logs, in the order of `ids`; empty where there is none. With `max` that many bytes of each at most: a
   * character that is cut in two reads as one that cannot be decoded.
   */
  outputs(params: { ids: string[]; max?: number }): Promise<string[]>;
  /** One page, newest first unless `order` is `asc`. Keyset on `seq`: stable while jobs arrive. */
  list(params: ListJobsParams): Promise<{ jobs: Job[]; next: number | null }>;
  /** How many jobs there are per status, zeros included. */
  counts(): Promise<Record<JobStatus, number>>;
  /** The same of the jobs of one batch that are not forgotten. Costs a look at each of them. */
  batchCounts(params: { batchId: string }): Promise<Record<JobStatus, number>>;
  /** Depth and age of each queue that has queued jobs. Called by the dispatcher's sweep and by health. */
  queues(params?: { now?: number }): Promise<QueueDepth[]>;
  /**
   * What keeps queued jobs from starting, in the order of `ids`; null for one that is not queued. Costs a few look-ups
   * for each job and queue, however long the queue. Called for the jobs that are shown.
   */
  waits(params: { ids: string[]; now?: number }): Promise<(Wait | null)[]>;
  /** The nodes that are not lost, each with its pinned jobs that are started. Costs as much as there are of those. */
  nodeLoads(params?: { now?: number }): Promise<NodeLoad[]>;
  /** What each node that is not lost has told of itself with its last heartbeat. Called by metrics. */
  nodeReports(params?: { now?: number }): Promise<NodeReported[]>;
  /** Forgets final jobs whose retention has run out, with everything stored about them. */
  prune(params: { max: number; now?: number }): Promise<{ pruned: number }>;

  /** Announces a node and a fresh incarnation. An older incarnation of the same name is declared lost. */
  registerNode(params: { node: NodeRecord; now?: number }): Promise<void>;
  /** All nodes; `beat` grows with every heartbeat and is watched like `Lease.renewal`. */
  nodes(): Promise<NodePulse[]>;
  /**
   * Declares a node lost: its workers become `dead` and its pins free. Guarded by incarnation and beat.
   * Its runs are reaped by their own leases.
   */
  loseNode(params: {
    name: string;
    incarnation: string;
    beat: number;
    now?: number;
  }): Promise<"lost" | "alive">;
  /** Takes a node and its living workers off the list (drained). Does nothing while it holds a started job. */
  removeNode(params: { name: string; incarnation: string }): Promise<void>;

  /**
   * Adds a worker. For a pinned worker this is the pin as well: `taken` when another living worker owns
   * the queue (by whom), `unknown_node` when this incarnation was declared lost.
   * Idempotent by name.
   */
  addWorker(params: { worker: NewWorker; now?: number }): Promise<AddWorkerOutcome>;
  /** Ends a worker: `dead` is listed until its retention runs out, `gone` just goes. Frees its pin. */
  endWorker(params: { name: string; as: "dead" | "gone"; now?: number }): Promise<void>;
  /** A page by name, dead ones among them. Goes on after `next` of the page before; null when there are no more. */
  listWorkers(params: ListWorkersParams): Promise<{ workers: Worker[]; next: string | null }>;
  /** Flags the workers that match for stopping, and names each with the job it runs. */
  stopWorkers(params: {
    op: string;
    filter: WorkerFilter;
  }): Promise<{ worker: string; job: string | null }[]>;
  /** A suspended worker finishes what it runs and is given nothing new, from this answer on. */
  suspendWorkers(params: { filter: WorkerFilter; suspended: boolean }): Promise<{ workers: string[] }>;
  /** Forgets dead workers whose retention has run out, and lost nodes that have none left. */
  pruneWorkers(params: { diedBefore: number }): Promise<{ pruned: number }>;

  /** Calls `onHint` when something changed that somebody may be waiting for. Returns the way to stop. */
  subscribe(onHint: (hint: Hint) => void): () => void;
}

/** What a store can do, the same for as long as it is open. */
export interface StorageInfo {
  name: "sqlite" | "redis";
  /** Whether nodes on other machines can use it. */
  multiHost: boolean;
  /** How many shards job ids are spread over; 1 where there is one file. */
  shards: number;
}

/** A change that somebody may want to know at once. */
export type Hint =
  /** `inMs`: how long until the job may start, by the store's clock; absent when it may at once. */
  | { kind: "queued"; queue: string; inMs?: number }
  | { kind: "job"; id: string; status: JobStatus }
  | { kind: "output"; id: string }
  | { kind: "abort"; id: string; node: string }
  | { kind: "worker"; worker: string; node: string; change: "stop" | "suspend" | "resume" | "ended" }
  /** A delivery of a webhook is due. */
  | { kind: "delivery" };

/** A job to be stored. Its texts are checked and bounded by whoever makes it. */
export interface NewJob {
  id: string;
  queue: string;
  /** Sealed operation: only the engine opens it. */
  sealed: Uint8Array;
  driver: string;
  host: string;
  site: string | null;
  batchId: string | null;
  /** As lists show it, secrets masked. */
  command: string[];
  retvalShape: RetvalShape;
  /** -100 to 100, 0 is normal; higher is claimed first. */
  priority: number;
  /** Round-robin is between lanes of one priority: the caller's key, or the batch. */
  lane: string;
  /** Not before this moment; null: at once. `HELD`: not before its batch is released. */
  runAt: number | null;
  /** How long it may stay queued from the moment it may start, ms; null: for ever. A retry has it anew. */
  ttlMs: number | null;
  /** How long the ended job is kept, ms. */
  resultTtlMs: number;
  /** How long one run may last, ms. */
  executionTimeoutMs: number;
  /** How many times a failed or lost run may be started again; 0 is at most once. */
  retries: number;
  /** Wall-clock ms of the API that took it; what is measured goes by the store's `enqueuedAt`. */
  createdAt: number;
  /** `fingerprint` is of the request's body, keyed; `scope` is the caller. */
  idempotency: { scope: string; key: string; fingerprint: string } | null;
  /** Who is told of its end. Absent: nobody. */
  webhook?: NewWebhook;
}

/** A moment that does not come: the last one of the year 9999. */
export const HELD = 253_402_300_799_999;

/** `jobs` in the order of the call; of a `duplicate` those that were stored at first. */
export type EnqueueResult =
  | { outcome: "stored"; jobs: Job[] }
  | { outcome: "duplicate"; jobs: Job[] }
  | { outcome: "mismatch" };

/** `requests`: each a free worker of this node, and a queue that it listens on. */
export interface ClaimParams {
  op: string;
  node: string;
  incarnation: string;
  requests: { worker: string; queue: string }[];
  now?: number;
}

/** A job that was started, with all it takes to run it. */
export interface Claim {
  token: RunToken;
  worker: string;
  job: Job;
  sealed: Uint8Array;
  /** How long this run may last, ms. */
  executionTimeoutMs: number;
  /** As submitted; `job.attempts` counts this run. */
  retries: number;
  /**
   * When it might have started at first, by the store's clock: enqueued, at its `runAt`, or after a retry's pause. A run
   * that was handed back does not change it. Of a job without a TTL it is when it was enqueued, or sent to be retried.
   */
  readyAt: number;
}

/** What a node tells with its pulse. */
export interface HeartbeatParams {
  node: string;
  incarnation: string;
  /** Runs whose leases to renew. */
  runs: RunToken[];
  /** Workers of this node whose state changed since the last heartbeat. */
  workers: WorkerState[];
  /** Resident memory of each session host, MiB, by pid. */
  hostMemory: Record<number, number>;
  /** What it has done so far; nothing is kept of the report before. */
  report?: NodeReport;
  now?: number;
}

/** What the store tells a node with its answer. */
export interface HeartbeatResult {
  /** False: this incarnation was declared lost. */
  known: boolean;
  /** Runs of the request that are not this node's any more: stop them, write nothing. */
  lost: string[];
  /** Jobs of the request that somebody asked to abort. */
  abort: string[];
  /** Workers of this node that somebody asked to stop. */
  stop: string[];
  /**
   * Only when a part of the store is out of reach: the runs of the request that it holds, whose leases were not
   * renewed, and why. Worker states may not be stored there: report them again.
   */
  unanswered?: { runs: string[]; error: StorageError };
}

/** A part of an output log. */
export interface OutputSlice {
  bytes: Uint8Array;
  /** Where the slice begins: `offset`, or less when the log is shorter. */
  offset: number;
  /** The job is final and the slice reaches the end of its log. */
  ended: boolean;
}

/**
 * How a run ended. `tail` is the rest of its output log, at byte `tailOffset`. Where it overlaps what is
 * stored (the reply to an append was lost), the stored bytes stay and only the rest is added.
 */
export interface Settlement {
  token: RunToken;
  tail: Uint8Array;
  tailOffset: number;
  outcome: RunOutcome;
}

/** Build these with the constructors below only. */
export type RunOutcome =
  | { kind: "succeeded"; result: JobResult }
  | { kind: "failed"; result: JobResult }
  | { kind: "retry"; error: JobError; delayMs: number }
  | { kind: "released" };

/** Every command passed; its output log says what they printed. */
export function succeeded(): RunOutcome {
  return { kind: "succeeded", result: { type: "success", error: null } };
}

/** The result's type follows from the error's: stopped for a stop, timeout for a deadline, else failed. */
export function failed(error: JobError): RunOutcome {
  return { kind: "failed", result: { type: resultTypeOf(error), error } };
}

/** Why a job ends that somebody asked to abort when its run handed it back, asked for a retry, or was lost. */
export const ABORTED: JobError = {
  type: "JobAborted",
  message: "The job was aborted on request.",
  retryable: false,
};

/** Back to the queue with its old place after `delayMs`; the store fails it when no attempt is left. */
export function retryLater(error: JobError, delayMs: number): RunOutcome {
  return { kind: "retry", error, delayMs };
}

/** Handed back before its first byte went to the device: costs no attempt. */
export function released(): RunOutcome {
  return { kind: "released" };
}

/** The word for how a run ended that ended with this error. */
export function resultTypeOf(error: JobError): JobResult["type"] {
  switch (error.type) {
    case "JobAborted":
    case "WorkerStopped":
    case "WorkerLost":
      return "stopped";
    case "TimeoutError":
      return "timeout";
    default:
      return "failed";
  }
}

/** `already`: this very run was settled before. `lost`: it is another's now, or its log has a gap; nothing was written. */
export type SettleOutcome = "ok" | "already" | "lost";

/** What became of the wish to cancel one job. */
export type CancelOutcome =
  | { outcome: "cancelled" }
  /** The abort of a started job was asked for; it ends soon. */
  | { outcome: "abort_requested" }
  /** Started, and no abort was asked for. */
  | { outcome: "started" }
  | { outcome: "ended"; status: FinalStatus }
  | { outcome: "not_found" };

/** Conditions AND together; an absent one does not narrow. */
export interface JobFilter {
  queue?: string;
  status?: JobStatus;
  node?: string;
  host?: string;
  worker?: string;
  driver?: string;
  batchId?: string;
  /** Created at or after, wall-clock ms. */
  since?: number;
  /** Created before, wall-clock ms. */
  until?: number;
}

/** Which page of jobs. */
export interface ListJobsParams {
  filter: JobFilter;
  /** By `seq`; `desc` is the newest first. */
  order: "asc" | "desc";
  /** Jobs of a page at most, 1 or more; fewer only on the last one. */
  limit: number;
  /** The `next` of the page before. */
  after?: number;
}

/** The hold that a node has on a run. */
export interface Lease {
  token: RunToken;
  node: string;
  worker: string;
  /** Only whether it is another than before means something. */
  renewal: number;
}

/** `alive`: it was renewed meanwhile. `gone`: it has ended, or another run has begun. */
export type ReapOutcome = "failed" | "requeued" | "alive" | "gone";

/** How full a queue is. */
export interface QueueDepth {
  queue: string;
  /** Queued jobs, those that wait for their moment included. */
  depth: number;
  /** When the oldest of them was enqueued, wall-clock ms. */
  oldestAt: number;
  /**
   * How long until the first of those that wait for their moment may start, ms by the store's clock: 0 when that has
   * passed, null when none waits. A duration, so that the clocks of store and node need not agree.
   */
  dueInMs: number | null;
}

/** What a queued job waits for. */
export interface Wait {
  /**
   * Jobs of the queue that come before it, as lanes stand now (see `ahead.ts`); later ones of other lanes, or of a higher priority, may
   * still overtake it. `MOST_AHEAD` stands for that many or more, and lanes beyond the first `LANES_AHEAD` in turn count
   * as empty. Those that wait for their moment are not counted.
   */
  ahead: number;
  /** It may not start before this moment, wall-clock ms; null: it may at once. */
  startsAt: number | null;
  /** The started job of its pinned queue. */
  holder: string | null;
  /** Living workers of its queue: there is none, all are suspended, or at least one takes jobs. */
  workers: "none" | "suspended" | "some";
}

/** What decides which node takes a device. */
export interface NodeLoad {
  name: string;
  /** Pinned workers it takes at most. */
  capacity: number;
  /** Whose devices it reaches; null: it has not told. */
  sites: readonly Site[] | null;
  /** Its started jobs of pinned queues: their workers cannot give way to another device. */
  pinnedRuns: number;
  /** Since its last heartbeat, ms by the store's clock. */
  silentMs: number;
}

/** A node, by what it last said of itself. */
export interface NodeReported {
  name: string;
  /** Since its last heartbeat, ms by the store's clock. */
  silentMs: number;
  /** Empty before the first; a node of an older program may leave something out. */
  report: Partial<NodeReport>;
}

/** A node as it announces itself. */
export interface NodeRecord {
  name: string;
  /** Random, made anew at each start: tells a node from its own past. */
  incarnation: string;
  hostname: string;
  pid: number;
  /** Pinned workers it takes at most. */
  capacity: number;
  /** Whose devices it reaches; null: it has not told, as nodes of older programs. */
  sites: readonly Site[] | null;
}

/** A node and whether it lives. */
export interface NodePulse extends NodeRecord {
  /** Grows with every heartbeat. */
  beat: number;
  /** Wall-clock ms by the store's clock, for people. */
  lastHeartbeat: number;
  /** This incarnation may do nothing any more. */
  lost: boolean;
}

/** Of a worker's session with its device. */
export type SessionState = "connected" | "connecting" | "none";

/** A worker to be added. Its name is random: no other node gives it, and it is not given again. */
export interface NewWorker {
  name: string;
  node: string;
  incarnation: string;
  kind: "fifo" | "pinned";
  queue: string;
  hostname: string;
  /** Its session host's. */
  pid: number;
  /** The device's; null for FIFO workers. */
  host: string | null;
  /** Whose devices it is for; null is the default one. */
  site: string | null;
}

/** What became of a worker that was to be added. */
export type AddWorkerOutcome =
  | { outcome: "added" }
  | { outcome: "taken"; worker: string; node: string }
  | { outcome: "unknown_node" };

/** What a node reports about one of its workers. */
export interface WorkerState {
  name: string;
  /** Its session host's; another one after that has died. */
  pid: number;
  session: SessionState;
  /** Since the worker began. */
  sessionsOpened: number;
}

/** As `Worker.status` derives them. */
export const WORKER_STATUSES = ["busy", "idle", "suspended", "dead"] as const;
export type WorkerStatus = (typeof WORKER_STATUSES)[number];

/** A worker as listed. `status` is derived: dead, else busy while a job is started on it, else suspended, else idle. */
export interface Worker extends NewWorker {
  status: WorkerStatus;
  session: SessionState;
  /** Since the worker began, as all that is counted here. */
  sessionsOpened: number;
  /** The started job; empty, or one. */
  currentJobs: string[];
  /** Its node's, wall-clock ms by the store's clock. */
  lastHeartbeat: number;
  birthAt: number;
  /** null: it lives. */
  diedAt: number | null;
  successfulJobCount: number;
  failedJobCount: number;
  /** Time in which a job was started on it, ms. */
  busyMs: number;
  /** Resident memory of its session host, MiB, which others share; null: not told yet. */
  memoryMb: number | null;
}

/** Conditions AND together; an absent one does not narrow. */
export interface WorkerFilter {
  name?: string;
  queue?: string;
  node?: string;
  host?: string;
  status?: WorkerStatus;
}

/** Which page of workers. */
export interface ListWorkersParams {
  filter: WorkerFilter;
  /** Workers of a page at most, 1 or more. */
  limit: number;
  /** The `next` of the page before. */
  after?: string;
}
