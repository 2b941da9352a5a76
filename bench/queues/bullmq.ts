import { Queue, Worker } from "bullmq";
import { type BenchQueue, type Payload, payload, RESULT, type Store, type WorkerEvents } from "../queue.ts";

const NAME = "bench";

/** BullMQ as its documentation sets it up; completed jobs are kept, which is its default. */
export async function openBullmq({ redisPort }: Store): Promise<BenchQueue> {
  const connection = { host: "127.0.0.1", port: redisPort };
  const queue = new Queue<Payload>(NAME, { connection });
  await queue.waitUntilReady();
  return {
    enqueue: (n) => queue.add("job", payload(n)),
    enqueueMany: (numbers) => queue.addBulk(numbers.map((n) => ({ name: "job", data: payload(n) }))),
    worker: (atOnce, events) => startable(connection, atOnce, events),
    counts: async () => {
      const of = await queue.getJobCounts("wait", "completed");
      return { queued: of.wait ?? 0, done: of.completed ?? 0 };
    },
  };
}

async function startable(connection: object, concurrency: number, events: WorkerEvents) {
  const worker = new Worker<Payload>(
    NAME,
    async (job) => {
      events.started(job.data.n);
      return RESULT;
    },
    { connection, concurrency, autorun: false },
  );
  worker.on("completed", () => events.done());
  worker.on("failed", (_job, error) => events.failed(error));
  worker.on("error", (error) => events.failed(error));
  await worker.waitUntilReady();
  return { go: () => void worker.run().catch((error) => events.failed(error)) };
}
