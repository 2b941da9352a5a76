import { Database } from "bun:sqlite";
import { join } from "node:path";
import { Queue, Worker } from "bunqueue/client";
import { type BenchQueue, type Payload, payload, RESULT, type Store, type WorkerEvents } from "../queue.ts";

const NAME = "bench";
/** How long a pull waits for a job. By default it does not wait, and the worker looks every 50 ms. */
const PULL_MS = 5_000;

/**
 * bunqueue embedded on its SQLite file, for which it sets WAL and `synchronous = NORMAL` itself.
 * `durable`: by default an accepted job waits in memory for up to 10 ms and is lost with the process; the other
 * contestants' jobs are in the file when the call answers, and so are these with it.
 */
export async function openBunqueue({ dir }: Store): Promise<BenchQueue> {
  const dataPath = join(dir, "bunqueue.db");
  const opts = { durable: true };
  const queue = new Queue<Payload>(NAME, { embedded: true, dataPath, defaultJobOptions: opts });
  return {
    enqueue: (n) => queue.add("job", payload(n)),
    enqueueMany: (numbers) => queue.addBulk(numbers.map((n) => ({ name: "job", data: payload(n), opts }))),
    worker: async (atOnce, events) => startable(dataPath, atOnce, events),
    counts: async () => counts(dataPath),
  };
}

function startable(dataPath: string, concurrency: number, events: WorkerEvents) {
  const worker = new Worker<Payload>(
    NAME,
    async (job) => {
      events.started(job.data.n);
      return RESULT;
    },
    { embedded: true, dataPath, autorun: false, concurrency, pollTimeout: PULL_MS },
  );
  worker.on("completed", () => events.done());
  worker.on("failed", (_job, error) => events.failed(error));
  worker.on("error", (error) => events.failed(error));
  return { go: () => worker.run() };
}

/** Read from the file: the library itself answers from memory. */
function counts(dataPath: string): { queued: number; done: number } {
  using db = new Database(dataPath, { readonly: true });
  const rows = db.prepare<{ state: string; jobs: number }, []>(
    "SELECT state, count(*) AS jobs FROM jobs GROUP BY state",
  );
  const of = new Map(rows.all().map(({ state, jobs }) => [state, jobs]));
  return { queued: of.get("waiting") ?? 0, done: of.get("completed") ?? 0 };
}
