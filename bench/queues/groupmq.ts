import { Queue, Worker } from "groupmq";
import { Redis } from "ioredis";
import { type BenchQueue, type Payload, payload, RESULT, type Store, type WorkerEvents } from "../queue.ts";

const NAMESPACE = "bench";
/** Its worker drops finished jobs by default; the other contestants keep them. */
const KEPT = 1_000_000;

/**
 * groupmq, where one job of a group runs at a time: with as many groups as keep a worker busy and no more, which is
 * what it is fastest with, `orderingMethod` at its default `none` (the fastest), and
 * `autoBatch` at its defaults for the bulk call, which is many `add` at once.
 */
export async function openGroupmq({ redisPort, atOnce }: Store): Promise<BenchQueue> {
  const connect = () => new Redis({ host: "127.0.0.1", port: redisPort ?? 0, maxRetriesPerRequest: null });
  const open = (autoBatch: boolean) =>
    new Queue<Payload>({ redis: connect(), namespace: NAMESPACE, keepCompleted: KEPT, autoBatch });
  const queue = open(false);
  const batching = open(true);
  const groups = atOnce === 1 ? 1 : 2 * atOnce;
  const job = (n: number) => ({ groupId: `group-${n % groups}`, data: payload(n) });
  return {
    enqueue: (n) => queue.add(job(n)),
    enqueueMany: (numbers) => Promise.all(numbers.map((n) => batching.add(job(n)))),
    worker: async (atOnce, events) => ({ go: () => start(open(false), atOnce, events) }),
    counts: async () => ({
      queued: await queue.getWaitingCount(),
      done: await queue.getCompletedCount(),
    }),
  };
}

/** It runs from its construction on. */
function start(queue: Queue<Payload>, concurrency: number, events: WorkerEvents): void {
  const worker = new Worker<Payload>({
    queue,
    concurrency,
    handler: async (job) => {
      events.started(job.data.n);
      return RESULT;
    },
    onError: (error) => events.failed(error),
  });
  worker.on("completed", () => events.done());
  worker.on("failed", (job) => events.failed(job.failedReason));
}
