import { Database } from "bun:sqlite";
import { join } from "node:path";
import { bun, defineQueue, defineWorker, JobStatus } from "plainjob";
import { type BenchQueue, type Payload, payload, type Store, type WorkerEvents } from "../queue.ts";

const TYPE = "bench";
/** The library reports every job and every empty look to `console` unless it is given another logger. */
const logger = { error: console.error, warn: console.warn, info: () => {}, debug: () => {} };

/**
 * plainjob sets WAL and `synchronous = NORMAL` itself. `strict` as its documentation asks. Its calls are
 * synchronous, so jobs "in flight" are enqueued one after another. It keeps no results.
 */
export async function openPlainjob({ dir }: Store): Promise<BenchQueue> {
  const file = join(dir, "plainjob.db");
  const connect = () => defineQueue({ connection: bun(new Database(file, { strict: true })), logger });
  const queue = connect();
  return {
    enqueue: async (n) => queue.add(TYPE, payload(n)),
    enqueueMany: async (numbers) => queue.addMany(TYPE, numbers.map(payload)),
    worker: async (atOnce, events) => {
      const own = connect();
      // A worker runs one job at a time: so many of them.
      const workers = Array.from({ length: atOnce }, () => startable(own, events));
      return {
        go: () => workers.forEach((worker) => void worker.start().catch((error) => events.failed(error))),
      };
    },
    counts: async () => ({
      queued: queue.countJobs({ status: JobStatus.Pending }),
      done: queue.countJobs({ status: JobStatus.Done }),
    }),
  };
}

function startable(queue: ReturnType<typeof defineQueue>, events: WorkerEvents) {
  return defineWorker(
    TYPE,
    async ({ data }) => {
      const { n }: Payload = JSON.parse(data);
      events.started(n);
    },
    {
      queue,
      logger,
      // It is not woken by new jobs but looks for them: every second by default, here as often as a timer allows.
      pollIntervall: 1,
      onCompleted: () => events.done(),
      onFailed: (_job, error) => events.failed(error),
    },
  );
}
