import type { Clock } from "../core/clock.ts";
import { type Site, siteOfQueue } from "../core/device.ts";
import { StorageError } from "../core/errors.ts";
import type { IdSource } from "../core/ids.ts";
import { isFinal, type JobError, type JobStatus } from "../core/job.ts";
import { Adoption, type Evictions } from "../engine/adoption.ts";
import { Dispatcher } from "../engine/dispatcher.ts";
import { drain, type Grace } from "../engine/drain.ts";
import type { Executor, ExecutorWorkerState } from "../engine/executor.ts";
import { type LeaseTerms, renewEveryMs } from "../engine/lease.ts";
import { BatchKeeper } from "../engine/maintenance/batches.ts";
import { expireQueued } from "../engine/maintenance/expirer.ts";
import { LostNodes } from "../engine/maintenance/lost-nodes.ts";
import { prune } from "../engine/maintenance/pruner.ts";
import { Reaper } from "../engine/maintenance/reaper.ts";
import type { NodeWork } from "../engine/node-work.ts";
import type { Load } from "../engine/placement.ts";
import { Pulse } from "../engine/pulse.ts";
import { Repeat, type Service } from "../engine/repeat.ts";
import type { Run } from "../engine/run.ts";
import type { Sealer } from "../engine/seal.ts";
import { runsOf, type Slot, Slots } from "../engine/slot.ts";
import type { Templating } from "../engine/templating.ts";
import type { BatchStore } from "../storage/batches.ts";
import type { Hint, Storage } from "../storage/storage.ts";
import type { Admission } from "./admission.ts";
import { nodeReport } from "./node-report.ts";

/** A sweep finds what lost hints would have told, ms. */
const SWEEP_MS = 1_000;
/** From the end of a worker elsewhere to the look for what waits for its device, ms: many end at once. */
const VACANT_MS = 50;
const PRUNE_MS = 10_000;
/** From the end of a job to the look at the batches that may wait for it, ms: many end at once. */
const BATCH_MS = 50;
export interface NodeOptions {
  name: string;
  hostname: string;
  pid: number;
  /** For each site. */
  fifoWorkers: number;
  /** Whose devices it reaches. */
  sites: readonly Site[];
  pinnedCapacity: number;
  lease: LeaseTerms;
  idleTimeoutMs: number;
  deadRetentionMs: number;
  stopGraceMs: number;
  /** How long to leave a device to other nodes, by this node's load. */
  adoptionDelayMs(load: Load): number;
  retryDelayMs(attempt: number): number;
}

export interface NodeEvents {
  /** Jobs that were found lost and ended or requeued by this node. */
  reaped(jobs: string[]): void;
  lostNodes(names: string[]): void;
  /** Other nodes came or went: those that live now. */
  others(names: string[]): void;
  /** This node was declared lost and begins anew. */
  declaredLost(): void;
  error(where: string, error: unknown): void;
}

export interface NodeDeps {
  storage: Storage;
  batches: BatchStore;
  executor: Executor;
  sealer: Sealer;
  templating: Templating;
  clock: Clock;
  ids: IdSource;
  /** Who lets its sessions connect, where that is counted. */
  admission?: Pick<Admission, "counters">;
  options: NodeOptions;
  events: NodeEvents;
}

const STOPPED: JobError = {
  type: "WorkerStopped",
  message: "the worker was stopped while it ran this job; the output so far is kept",
  retryable: false,
};

const ABORTED: JobError = {
  type: "JobAborted",
  message: "the job was aborted on request; the output so far is kept",
  retryable: false,
};

/** What outlives an incarnation. */
interface Counted {
  evictions: Evictions;
  work: NodeWork;
}

/** A node from one registration to its end. */
export class Incarnation {
  readonly #work: NodeWork;
  readonly #deps: NodeDeps;
  readonly #giveUp = new AbortController();
  readonly #slots = new Slots();
  readonly #id: string;
  readonly #adoption: Adoption;
  readonly #dispatcher: Dispatcher;
  readonly #pulse: Pulse;
  readonly #reaper: Reaper;
  readonly #lostNodes: LostNodes;
  readonly #batchKeeper: BatchKeeper;
  readonly #batches: Repeat;
  readonly #sweeping: Repeat;
  readonly #duties: Service[];
  #unsubscribe: () => void = () => {};
  #lost = false;
  #over = false;

  constructor(deps: NodeDeps, counted: Counted, onLost: () => void) {
    this.#deps = deps;
    this.#id = deps.ids.next("inc");
    const { options } = deps;
    const identity = { node: options.name, incarnation: this.#id, hostname: options.hostname };
    const { evictions, work } = counted;
    this.#work = work;
    const shared = { ...deps, ...identity, work, slots: this.#slots, lease: options.lease };
    this.#reaper = new Reaper(deps.storage, deps.clock, options.lease);
    this.#lostNodes = new LostNodes(deps.storage, deps.clock, options.lease, {
      own: this.#id,
      onOthers: deps.events.others,
    });
    this.#adoption = new Adoption({
      ...shared,
      signal: this.#giveUp.signal,
      capacity: options.pinnedCapacity,
      sites: options.sites,
      isAlone: () => this.#lostNodes.others === 0,
      delayMs: options.adoptionDelayMs,
      evictions,
      onAdopted: (queue) => this.#dispatcher.queueReady(queue),
      onError: this.#reporter("adopt"),
    });
    this.#dispatcher = new Dispatcher({
      ...shared,
      stopGraceMs: options.stopGraceMs,
      retryDelayMs: options.retryDelayMs,
      signal: this.#giveUp.signal,
      adopt: (queue) => this.#adoption.adopt(queue),
      onError: this.#reporter("dispatch"),
    });
    this.#pulse = new Pulse({
      ...shared,
      report: () => nodeReport(work, evictions, deps.admission?.counters()),
      abortRequested: (job) => this.#abort(job),
      stopRequested: (worker) => this.#stopWorker(worker),
      declaredLost: () => {
        if (this.#lost || this.#over) return;
        this.#lost = true;
        onLost();
      },
      onError: (error) => {
        // Reads may work while writes do not: when our own beat fails, so may everybody's.
        this.#reaper.reset();
        this.#lostNodes.reset();
        this.#reporter("heartbeat")(error);
      },
    });
    this.#sweeping = this.#every("sweep", SWEEP_MS, () => this.#sweep());
    this.#batchKeeper = new BatchKeeper(deps);
    this.#batches = this.#every("batches", SWEEP_MS, () => this.#batchKeeper.round());
    this.#duties = [this.#pulse, this.#sweeping, this.#batches, ...this.#maintenance()];
  }

  async start(): Promise<void> {
    const { storage, executor, options } = this.#deps;
    const { name, hostname, pid, pinnedCapacity, sites } = options;
    await storage.registerNode({
      node: { name, incarnation: this.#id, hostname, pid, capacity: pinnedCapacity, sites },
    });
    executor.onWorkerState((worker, state) => this.#onWorkerState(worker, state));
    await this.#lostNodes.round();
    await executor.start();
    this.#unsubscribe = storage.subscribe((hint) => this.#onHint(hint));
    for (const site of options.sites)
      for (let i = 0; i < options.fifoWorkers; i++) await this.#adoption.addFifo(site);
    for (const duty of this.#duties) await duty.start();
    await this.#sweep();
  }

  async drain(grace: Grace): Promise<void> {
    const parts = {
      clock: this.#deps.clock,
      slots: this.#slots,
      dispatcher: this.#dispatcher,
      adoption: this.#adoption,
      stopGraceMs: this.#deps.options.stopGraceMs,
      interrupted: STOPPED,
      giveUp: () => this.#giveUp.abort(),
      onError: this.#reporter("drain"),
    };
    if (!this.#over) await drain(parts, grace);
    await this.#end();
    await this.#signOff();
  }

  /** A store that is away finds out by itself: the node's beat stops. */
  async #signOff(): Promise<void> {
    const { storage, options, events } = this.#deps;
    try {
      await storage.removeNode({ name: options.name, incarnation: this.#id });
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      events.error("sign off", error);
    }
  }

  /** Everything this incarnation had belongs to others now: cut it off, write nothing. */
  async abandon(): Promise<void> {
    this.#giveUp.abort();
    this.#adoption.stop();
    await this.#dispatcher.stop();
    for (const run of [...this.#slots.runs()]) run.revoke();
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#over = true;
    this.#unsubscribe();
    for (const duty of this.#duties) void duty.stop();
    await this.#deps.executor.stop();
  }

  /** Reported with the next beat; a worker whose process is there now may take what waits. */
  #onWorkerState(worker: string, state: ExecutorWorkerState): void {
    this.#pulse.report({ name: worker, ...state });
    const slot = this.#slots.get(worker);
    if (!slot || slot.pid === state.pid) return;
    slot.pid = state.pid;
    if (slot.run === null) this.#dispatcher.queueReady(slot.queue);
  }

  #maintenance(): Service[] {
    const { storage, clock, options, events } = this.#deps;
    const reaper = this.#reaper;
    const lostNodes = this.#lostNodes;
    const lookEvery = Math.min(SWEEP_MS, renewEveryMs(options.lease));
    return [
      this.#every("reap", lookEvery, async () => {
        const jobs = await reaper.round();
        this.#work.reapedRuns += jobs.length;
        if (jobs.length > 0) events.reaped(jobs);
      }),
      this.#every("lost nodes", lookEvery, async () => {
        const names = await lostNodes.round();
        if (names.length > 0) events.lostNodes(names);
      }),
      this.#every("expire", SWEEP_MS, async () => {
        await expireQueued(storage);
      }),
      this.#every("prune", PRUNE_MS, () => prune(storage, clock, options.deadRetentionMs)),
      this.#every("prune batches", PRUNE_MS, () => this.#batchKeeper.prune()),
      this.#every("evict", SWEEP_MS, () => this.#adoption.evictIdle(options.idleTimeoutMs)),
    ];
  }

  #every(where: string, everyMs: number, round: () => Promise<void>): Repeat {
    return new Repeat({ clock: this.#deps.clock, everyMs, round, onError: this.#reporter(where) });
  }

  /** What hints may have failed to tell. */
  async #sweep(): Promise<void> {
    for (const { queue, dueInMs } of await this.#deps.storage.queues()) {
      this.#dispatcher.queueReady(queue);
      // What is due later than that is told by the next sweep as well.
      if (dueInMs && dueInMs <= 2 * SWEEP_MS) this.#dispatcher.queueDue(queue, dueInMs);
    }
  }

  #onHint(hint: Hint): void {
    if (hint.kind === "queued") return this.#onQueued(hint.queue, hint.inMs ?? 0);
    if (hint.kind === "job") return this.#onJob(hint.status);
    const here = this.#deps.options.name;
    if (hint.kind === "abort" && hint.node === here) return this.#abort(hint.id);
    if (hint.kind !== "worker") return;
    if (hint.node === here) this.#onWorkerHint(hint.worker, hint.change);
    else if (hint.change === "ended") this.#endedElsewhere(hint.worker);
  }

  #onQueued(queue: string, inMs: number): void {
    if (inMs > 0) this.#dispatcher.queueDue(queue, inMs);
    else this.#dispatcher.queueReady(queue);
  }

  /** A failure is looked at in any case: of a batch that came after the last look, all jobs may fail before the next. */
  #onJob(status: JobStatus): void {
    const matters = status === "failed" || (isFinal(status) && this.#batchKeeper.active);
    if (matters) this.#batches.hurry(BATCH_MS);
  }

  /** Its device may have work, and nobody now. */
  #endedElsewhere(worker: string): void {
    this.#adoption.endedElsewhere(worker);
    this.#sweeping.hurry(VACANT_MS);
  }

  #onWorkerHint(worker: string, change: (Hint & { kind: "worker" })["change"]): void {
    if (change === "stop") this.#stopWorker(worker);
    const slot = this.#slots.get(worker);
    if (change === "resume" && slot) this.#dispatcher.queueReady(slot.queue);
  }

  #abort(job: string): void {
    for (const run of this.#slots.runs()) if (run.id === job) run.abort(ABORTED);
  }

  #stopWorker(name: string): void {
    const slot = this.#slots.get(name);
    if (!slot || slot.ending || this.#over) return;
    slot.ending = true;
    this.#stop(slot).catch(this.#reporter("stop worker"));
  }

  async #stop(slot: Slot): Promise<void> {
    const runs = [...runsOf(slot)];
    for (const run of runs) run.abort(STOPPED);
    for (const run of runs) await run.done.catch(this.#reporter("stop worker"));
    await this.#examined(runs);
    await this.#adoption.end(slot, "dead");
    if (this.#over) return;
    const site = siteOfQueue(slot.queue);
    if (slot.kind === "fifo" && site !== undefined) await this.#adoption.addFifo(site);
    else this.#sweeping.hurry(0); // a pinned one comes back only where work waits
  }

  /** A host that hung was killed and took other runs along: their outcomes are stored before the stop is reported. */
  async #examined(runs: Run[]): Promise<void> {
    if (runs.length === 0) return;
    await Promise.all(runs.map((run) => run.examination));
    const over = [...this.#slots.runs()].filter((run) => run.over);
    for (const run of over) await run.done.catch(this.#reporter("stop worker"));
  }

  #reporter(where: string): (error: unknown) => void {
    return (error) => {
      if (!this.#over) this.#deps.events.error(where, error);
    };
  }
}
