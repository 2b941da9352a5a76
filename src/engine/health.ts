import type { Clock, Timer } from "../core/clock.ts";
import { StorageError } from "../core/errors.ts";
import type { DeliveryStore } from "../storage/deliveries.ts";
import type { Storage, WorkerStatus } from "../storage/storage.ts";
import type { HealthReport } from "./engine.ts";

const PAGE = 1000;

export interface HealthDeps {
  storage: Storage;
  deliveries: Pick<DeliveryStore, "countDeliveries">;
  clock: Clock;
  /** Longest a part of the check may take. */
  healthLimitMs: number;
}

/** What is well and what is not. A store that does not answer in time is down, not an exception. */
export async function health({
  storage,
  deliveries,
  clock,
  healthLimitMs: limitMs,
}: HealthDeps): Promise<HealthReport> {
  const ping = await within(clock, limitMs, "storage", () => storage.ping());
  if (ping.problem !== null) return unreachable(storage.info.name, ping.problem);
  const rest = await within(clock, limitMs, "storage", async () => ({
    ...(await countWorkers(storage)),
    nodes: await storage.nodeReports(),
    queues: await storage.queues(),
    jobs: await storage.counts(),
    deliveries: await deliveries.countDeliveries(),
  }));
  if (rest.problem !== null) return unreachable(storage.info.name, rest.problem);
  const down =
    livingOf(rest.value.workers) === 0
      ? ["workers: none is alive; start one with netpulse node, or serve"]
      : [];
  return {
    ok: down.length === 0,
    down,
    storage: {
      name: storage.info.name,
      ok: true,
      latencyMs: ping.value.latencyMs,
      sizeBytes: ping.value.sizeBytes,
    },
    ...rest.value,
  };
}

function livingOf(workers: HealthReport["workers"]): number {
  return workers.busy + workers.idle + workers.suspended;
}

async function countWorkers(storage: Storage): Promise<Pick<HealthReport, "workers" | "sessions">> {
  const sessions: HealthReport["sessions"] = { connected: 0, connecting: 0, none: 0 };
  const counts: Record<WorkerStatus, number> = { busy: 0, idle: 0, suspended: 0, dead: 0 };
  let oldestHeartbeat: number | null = null;
  let after: string | null = null;
  do {
    const page = await storage.listWorkers({ filter: {}, limit: PAGE, ...(after === null ? {} : { after }) });
    for (const worker of page.workers) {
      counts[worker.status] += 1;
      if (worker.status === "dead") continue;
      sessions[worker.session] += 1;
      oldestHeartbeat = Math.min(oldestHeartbeat ?? Infinity, worker.lastHeartbeat);
    }
    after = page.next;
  } while (after !== null);
  return { workers: { ...counts, oldestHeartbeat }, sessions };
}

function unreachable(name: string, problem: string): HealthReport {
  return {
    ok: false,
    down: [problem],
    storage: { name, ok: false, latencyMs: null, sizeBytes: null },
    workers: { busy: 0, idle: 0, suspended: 0, dead: 0, oldestHeartbeat: null },
    sessions: { connected: 0, connecting: 0, none: 0 },
    nodes: [],
    queues: [],
    jobs: { queued: 0, started: 0, finished: 0, failed: 0, cancelled: 0 },
    deliveries: { pending: 0, dead: 0, firstDueAt: null },
  };
}

type Checked<T> = { value: T; problem: null } | { value: null; problem: string };

async function within<T>(
  clock: Clock,
  limitMs: number,
  what: string,
  check: () => Promise<T>,
): Promise<Checked<T>> {
  let timer: Timer | undefined;
  const late = new Promise<Checked<T>>((resolve) => {
    const problem = `${what}: no answer within ${limitMs / 1000} s`;
    timer = clock.after(limitMs, () => resolve({ value: null, problem }));
  });
  const checked = check().then(
    (value): Checked<T> => ({ value, problem: null }),
    (error): Checked<T> => {
      if (error instanceof StorageError) return { value: null, problem: `${what}: ${error.message}` };
      throw error;
    },
  );
  try {
    return await Promise.race([checked, late]);
  } finally {
    timer?.cancel();
  }
}
