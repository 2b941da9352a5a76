import { systemClock } from "../../src/core/clock.ts";
import type { IdSource } from "../../src/core/ids.ts";
import type { Executor, ExecutorWorkerState } from "../../src/engine/executor.ts";
import type { Sealer } from "../../src/engine/seal.ts";
import type { BatchStore } from "../../src/storage/batches.ts";
import type { SettleOutcome, Storage } from "../../src/storage/storage.ts";
import { Node } from "../../src/worker/node.ts";
import { NO_TEMPLATES } from "../../test/support/no-templates.ts";
import type { BenchWorker, WorkerEvents } from "../queue.ts";

/** As the product's defaults. */
const LEASE = { leaseMs: 10_000, marginMs: 1_000 };

export interface NodeParams {
  storage: Storage & BatchStore;
  sealing: Sealer;
  ids: IdSource;
  atOnce: number;
  events: WorkerEvents;
}

/** A whole node with `atOnce` FIFO workers; it claims nothing while its executor is not ready. */
export async function startableNode({
  storage,
  sealing,
  ids,
  atOnce,
  events,
}: NodeParams): Promise<BenchWorker> {
  const gate = openableExecutor(events);
  const node = new Node({
    storage: observed(storage, events),
    batches: storage,
    executor: gate.executor,
    sealer: sealing,
    templating: NO_TEMPLATES,
    clock: systemClock,
    ids,
    options: {
      name: "bench",
      hostname: "bench",
      pid: process.pid,
      fifoWorkers: atOnce,
      sites: [null],
      adoptionDelayMs: () => 0,
      pinnedCapacity: 0,
      lease: LEASE,
      idleTimeoutMs: 600_000,
      deadRetentionMs: 3_600_000,
      stopGraceMs: 3_000,
      retryDelayMs: () => 1_000,
    },
    events: {
      reaped: (jobs) => events.failed(new Error(`reaped: ${jobs.join(", ")}`)),
      lostNodes: (names) => events.failed(new Error(`lost: ${names.join(", ")}`)),
      others: () => {},
      declaredLost: () => events.failed(new Error("the node was declared lost")),
      error: (where, error) => events.failed(new Error(where, { cause: error })),
    },
  });
  await node.start();
  return { go: gate.open };
}

/** Where a device would be: takes each order and answers that it succeeded, without output. */
function openableExecutor(events: WorkerEvents): { executor: Executor; open(): void } {
  const workers = new Set<string>();
  let listener: (worker: string, state: ExecutorWorkerState) => void = () => {};
  let isOpen = false;
  const nothing = () => {};
  const executor: Executor = {
    open(worker) {
      workers.add(worker);
      return { pid: process.pid };
    },
    isReady: () => isOpen,
    close: (worker) => void workers.delete(worker),
    run(order, run) {
      events.started(Number(order.driverArgs.n));
      queueMicrotask(() => run.ended(null));
    },
    abort: (run, error) => events.failed(new Error(`run ${run} was aborted: ${error.message}`)),
    recall: nothing,
    renew: nothing,
    credit: nothing,
    probe: async () => {},
    memory: () => ({}),
    onWorkerState: (next) => {
      listener = next;
    },
    start: async () => {},
    stop: async () => {},
  };
  const open = () => {
    isOpen = true;
    for (const worker of workers) listener(worker, { pid: process.pid, session: "none", sessionsOpened: 0 });
  };
  return { executor, open };
}

/** The same store, which also tells when a settlement is stored. */
function observed(storage: Storage, events: WorkerEvents): Storage {
  const tell = (outcome: SettleOutcome) =>
    outcome === "ok" ? events.done() : events.failed(new Error(`a settlement was ${outcome}`));
  const settle: Storage["settle"] = async (params) => {
    const outcomes = await storage.settle(params);
    outcomes.forEach(tell);
    return outcomes;
  };
  const methods = new Map<PropertyKey, unknown>([["settle", settle]]);
  return new Proxy(storage, {
    get(target, name) {
      if (!methods.has(name)) {
        const value: unknown = Reflect.get(target, name);
        methods.set(name, typeof value === "function" ? value.bind(target) : value);
      }
      return methods.get(name);
    },
  });
}
