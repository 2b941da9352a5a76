import type { Clock } from "../core/clock.ts";
import { RequestError } from "../core/errors.ts";
import type { IdSource } from "../core/ids.ts";
import type { Storage, Worker, WorkerFilter } from "../storage/storage.ts";
import { Bystanders } from "./bystanders.ts";
import type { StoppedWorker } from "./engine.ts";

export interface WorkersDeps {
  storage: Storage;
  clock: Clock;
  ids: IdSource;
  /** How long a node may take to interrupt a device and report its worker stopped, ms. */
  stopWaitMs: number;
}

/** Looks again when a hint was lost, ms. */
const LOOK_MS = 500;

/**
 * Flags the workers, then waits until their nodes have stopped them, or `stopWaitMs`. Names the jobs that were
 * interrupted by it, also those of other workers whose process had to be killed with that of a hung one.
 */
export async function stopWorkers(deps: WorkersDeps, filter: WorkerFilter): Promise<StoppedWorker[]> {
  const ended = new Ended(deps);
  try {
    const flagged = await deps.storage.stopWorkers({ op: deps.ids.next("op"), filter });
    refuseUnknown(filter, flagged.length);
    const names = flagged.map(({ worker }) => worker);
    const bystanders = new Bystanders(deps.storage, names);
    await ended.wait(names, (worker) => bystanders.look(worker));
    const died = await bystanders.died();
    return flagged.map(({ worker, job }) => ({
      worker,
      status: ended.has(worker) ? "stopped" : "stopping",
      interruptedJobs: [...(job === null ? [] : [job]), ...(died.get(worker) ?? [])],
    }));
  } finally {
    ended.stop();
  }
}

export async function suspendWorkers(
  storage: Storage,
  filter: WorkerFilter,
  suspended: boolean,
): Promise<string[]> {
  const { workers } = await storage.suspendWorkers({ filter, suspended });
  refuseUnknown(filter, workers.length);
  return workers;
}

function refuseUnknown(filter: WorkerFilter, found: number): void {
  if (filter.name === undefined || found > 0) return;
  throw new RequestError("not_found", "no living worker of that name; see GET /worker");
}

/** Collects the names of workers that have ended since it was made. */
class Ended {
  readonly #deps: WorkersDeps;
  readonly #names = new Set<string>();
  readonly #unsubscribe: () => void;
  #wake: () => void = () => {};

  constructor(deps: WorkersDeps) {
    this.#deps = deps;
    this.#unsubscribe = deps.storage.subscribe((hint) => {
      if (hint.kind !== "worker" || hint.change !== "ended") return;
      this.#names.add(hint.worker);
      this.#wake();
    });
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  stop(): void {
    this.#unsubscribe();
  }

  /** `slow` is told of those that take their time, and are living still. */
  async wait(names: string[], slow: (worker: Worker) => Promise<void>): Promise<void> {
    const { clock, stopWaitMs } = this.#deps;
    const until = clock.monotonic() + stopWaitMs;
    for (;;) {
      const missing = names.filter((name) => !this.#names.has(name));
      const left = until - clock.monotonic();
      if (missing.length === 0 || left <= 0) return;
      await this.#next(Math.min(LOOK_MS, left));
      if (clock.monotonic() < until) await this.#look(missing, slow);
    }
  }

  /** The next hint, or the time to look again. */
  async #next(ms: number): Promise<void> {
    const woken = Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    const timer = this.#deps.clock.after(ms, woken.resolve);
    await woken.promise;
    timer.cancel();
  }

  async #look(names: string[], slow: (worker: Worker) => Promise<void>): Promise<void> {
    for (const name of names.filter((missing) => !this.#names.has(missing))) {
      const { workers } = await this.#deps.storage.listWorkers({ filter: { name }, limit: 1 });
      const [worker] = workers;
      if (worker === undefined || worker.status === "dead") this.#names.add(name);
      else await slow(worker);
    }
  }
}
