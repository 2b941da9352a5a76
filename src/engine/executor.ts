import type { LineRules } from "../core/access.ts";
import type { CredentialRef, HopCredentials } from "../core/credential.ts";
import type { JobError } from "../core/job.ts";
import type { Task } from "../device/driver.ts";
import type { SessionState } from "../storage/storage.ts";

/** One run as it is handed to a session host. Deadlines are on this process's monotonic clock, ms. */
export interface ExecutorOrder {
  /** Names this run of this job; see `RunOrder`. */
  run: string;
  worker: string;
  keepSession: boolean;
  driver: string;
  connectionArgs: Record<string, unknown>;
  driverArgs: Record<string, unknown>;
  /** Where its login is kept, to be read first; null: it is among the arguments. */
  credentials: readonly CredentialRef[] | null;
  hopCredentials: HopCredentials | null;
  operation: Task;
  lineRules: LineRules | null;
  rendered?: boolean;
  /** Secrets that its output shows are hidden. */
  maskOutput: boolean;
  secrets: string[];
  /** The run ends with a `TimeoutError` at this moment. */
  deadline: number;
  /** How long it may last in all, ms, for that error's words. */
  timeoutMs: number;
  /** No byte goes to the device past this moment, unless `renew` moves it. */
  mayWriteUntil: number;
}

/** What a run tells whoever started it. `output` comes in order; exactly one of the other three comes last. */
export interface RunEvents {
  /** Encoded output log to append (see `core/output-log.ts`). */
  output(log: string): void;
  /** The session is through with it; null: everything passed. `platform`: what its kind of device is called. */
  ended(error: JobError | null, platform?: string): void;
  /** The session host died with it. */
  hostLost(reason: string): void;
  /** Nothing of it has begun at its device: there was no session host to take it, or it was recalled in time. */
  notStarted(): void;
}

/**
 * Where runs happen, as the engine sees it: session hosts in the product, a simulated host in the
 * simulator. Calls about a run or worker that is gone do nothing.
 */
export interface Executor {
  /** Gives a worker its place; returns the process it is in, 0 while there is none to be had. */
  open(worker: string): { pid: number };
  /** Whether the worker's process takes runs now. When that becomes true, `onWorkerState` says so. */
  isReady(worker: string): boolean;
  /** Ends a worker: closes its sessions and frees its place. */
  close(worker: string): void;
  /** Hands a run to its worker's session host. What it comes to is told to `events`. */
  run(order: ExecutorOrder, events: RunEvents): void;
  /** Interrupts a run, which then ends with `error`. A device that does not obey may hold it up: see `probe`. */
  abort(run: string, error: JobError): void;
  /** Takes a run back whose first command has not begun (`notStarted`); any other goes on. */
  recall(run: string): void;
  /** Moves the moment until which the sessions of these runs may write; idle ones may be probed until then. */
  renew(runs: string[], mayWriteUntil: number): void;
  /** `bytes` of a run's output are stored; as many more may come. */
  credit(run: string, bytes: number): void;
  /**
   * Should the run not have ended yet: destroys its session, and kills its host unless that answers. Resolves when
   * it has answered or is dead; then its runs have been told.
   */
  probe(run: string): Promise<void>;
  /** Resident memory of the hosts, MiB by pid. */
  memory(): Record<number, number>;
  /** Called when a worker's session changed, or its process (a host that died was replaced). */
  onWorkerState(listener: (worker: string, state: ExecutorWorkerState) => void): void;
  /** Begins to start hosts, and to replace those that die. */
  start(): Promise<void>;
  /** Ends all hosts. Idempotent. */
  stop(): Promise<void>;
}

/** What is to be known of a worker from outside. */
export interface ExecutorWorkerState {
  /** Of its session host. */
  pid: number;
  session: SessionState;
  /** Since the worker began. */
  sessionsOpened: number;
}
