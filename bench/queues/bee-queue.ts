import BeeQueue from "bee-queue";
import { type BenchQueue, type Payload, payload, RESULT, type Store, type WorkerEvents } from "../queue.ts";

const NAME = "bench";
/** How often stalled jobs are looked for: its documentation leaves it to the user to start that. */
const STALL_CHECK_MS = 2_500;

/**
 * bee-queue without what nobody listens to here, as its documentation advises for throughput: no events from
 * workers to producers, no table of jobs in memory. Finished jobs are kept, which is its default.
 */
export async function openBeeQueue({ redisPort }: Store): Promise<BenchQueue> {
  const settings = { redis: { port: redisPort }, getEvents: false, sendEvents: false, storeJobs: false };
  const queue = new BeeQueue<Payload>(NAME, { ...settings, isWorker: false });
  await queue.ready();
  return {
    enqueue: (n) => queue.createJob(payload(n)).save(),
    enqueueMany: async (numbers) => {
      const errors = await queue.saveAll(numbers.map((n) => queue.createJob(payload(n))));
      for (const error of errors.values()) throw error;
    },
    worker: (atOnce, events) => startable(settings, atOnce, events),
    counts: async () => {
      const { waiting, succeeded } = await queue.checkHealth();
      return { queued: waiting, done: succeeded };
    },
  };
}

async function startable(settings: object, concurrency: number, events: WorkerEvents) {
  const queue = new BeeQueue<Payload>(NAME, settings);
  queue.on("succeeded", () => events.done());
  queue.on("failed", (_job, error) => events.failed(error));
  queue.on("error", (error) => events.failed(error));
  await queue.ready();
  return {
    go() {
      queue.process(concurrency, async (job: BeeQueue.Job<Payload>) => {
        events.started(job.data.n);
        return RESULT;
      });
      queue.checkStalledJobs(STALL_CHECK_MS).catch((error) => events.failed(error));
    },
  };
}
