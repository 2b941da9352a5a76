import type { Clock } from "../core/clock.ts";
import { StorageError } from "../core/errors.ts";
import type { NodeReport } from "../core/node-report.ts";
import type { HeartbeatResult, Storage, WorkerState } from "../storage/storage.ts";
import type { Executor } from "./executor.ts";
import { type LeaseTerms, mayWriteUntil, renewEveryMs } from "./lease.ts";
import type { NodeWork } from "./node-work.ts";
import { Repeat, type Service } from "./repeat.ts";
import type { Run } from "./run.ts";
import type { Slots } from "./slot.ts";

/** How long changes are gathered before a beat brings them, ms. */
const REPORT_MS = 100;

export interface PulseDeps {
  storage: Storage;
  executor: Executor;
  clock: Clock;
  lease: LeaseTerms;
  slots: Slots;
  node: string;
  incarnation: string;
  /** Counted up. */
  work: NodeWork;
  /** What goes with each beat. */
  report(): NodeReport;
  abortRequested(job: string): void;
  stopRequested(worker: string): void;
  /** This incarnation was declared lost. */
  declaredLost(): void;
  onError(error: unknown): void;
}

/**
 * The node's heartbeat: proves it alive, renews its runs' leases and what their sessions may write, and
 * carries what changed in its workers. An unanswered beat changes nothing: the sessions' permission to
 * write simply runs out; where only a part of the store is silent, that of the runs which it holds.
 */
export class Pulse implements Service {
  readonly #deps: PulseDeps;
  readonly #repeat: Repeat;
  readonly #changed = new Map<string, WorkerState>();

  constructor(deps: PulseDeps) {
    this.#deps = deps;
    this.#repeat = new Repeat({
      clock: deps.clock,
      everyMs: renewEveryMs(deps.lease),
      round: () => this.beat(),
      onError: deps.onError,
    });
  }

  start(): Promise<void> {
    return this.#repeat.start();
  }

  stop(): Promise<void> {
    return this.#repeat.stop();
  }

  /** Has this worker's state stored with the next beat, which comes soon. */
  report(state: WorkerState): void {
    this.#changed.set(state.name, state);
    this.#repeat.hurry(REPORT_MS);
  }

  async beat(): Promise<void> {
    const { storage, executor, clock, lease, slots, node, incarnation, work } = this.#deps;
    const runs = latestRuns(slots.runs());
    const reported = [...this.#changed.values()];
    this.#changed.clear();
    const askedAt = clock.monotonic();
    const answer = await this.#ask(reported, () =>
      storage.heartbeat({
        node,
        incarnation,
        runs: runs.map((run) => run.claim.token),
        workers: reported,
        hostMemory: executor.memory(),
        report: this.#deps.report(),
      }),
    );
    if (!answer.known) return this.#deps.declaredLost();
    if (answer.unanswered) this.#missed(answer.unanswered.error, reported);
    const lost = new Set(answer.lost);
    for (const run of runs) if (lost.has(run.id)) run.revoke();
    const unrenewed = new Set([...lost, ...(answer.unanswered?.runs ?? [])]);
    const kept = runs.filter((run) => !unrenewed.has(run.id));
    const until = mayWriteUntil(lease, askedAt);
    work.leaseRenewals += kept.length;
    for (const run of kept) run.renewed(until);
    executor.renew(
      kept.map((run) => run.key),
      until,
    );
    for (const job of answer.abort) this.#deps.abortRequested(job);
    for (const worker of answer.stop) this.#deps.stopRequested(worker);
  }

  async #ask(reported: WorkerState[], call: () => Promise<HeartbeatResult>): Promise<HeartbeatResult> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof StorageError) for (const state of reported) this.#keep(state);
      throw error;
    }
  }

  /** A part of the store did not hear the beat. */
  #missed(error: StorageError, reported: WorkerState[]): void {
    for (const state of reported) this.#keep(state);
    this.#deps.onError(error);
  }

  /** For the next beat, unless something newer is to be reported already. */
  #keep(state: WorkerState): void {
    if (!this.#changed.has(state.name)) this.#changed.set(state.name, state);
  }
}

/**
 * One run for each job. A job that was handed back may be run here again before the answer to its settlement has come:
 * the store would call the earlier run lost, by a name that is the later one's as well.
 */
function latestRuns(runs: Iterable<Run>): Run[] {
  const latest = new Map<string, Run>();
  for (const run of runs) {
    const known = latest.get(run.id);
    if (!known || known.claim.token.run < run.claim.token.run) latest.set(run.id, run);
  }
  return [...latest.values()];
}
