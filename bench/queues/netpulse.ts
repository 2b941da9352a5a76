import { join } from "node:path";
import { systemClock } from "../../src/core/clock.ts";
import { idSource } from "../../src/core/ids.ts";
import { FIFO_QUEUE } from "../../src/core/job.ts";
import { shardOf } from "../../src/core/shards.ts";
import { encodeOperation } from "../../src/engine/operation.ts";
import { sealer } from "../../src/engine/seal.ts";
import { openStorage } from "../../src/storage/open.ts";
import type { NewJob, Storage } from "../../src/storage/storage.ts";
import type { Store as OwnStore } from "../../src/storage/store.ts";
import { type BenchQueue, PAYLOAD_BYTES, type Store } from "../queue.ts";
import { startableNode } from "./netpulse-node.ts";
import { startableLoop } from "./netpulse-store.ts";

/** Which of our stores, and how durable. */
export type Backend = "sqlite-full" | "sqlite-normal" | "redis";

const ids = idSource(systemClock);
const sealing = sealer(new Uint8Array(32).fill(7));

/**
 * Our queue as the product runs it: every job is sealed, stored with all its indexes, claimed under a lease by a
 * node's dispatcher, handed to an executor, and settled with its result. Only the executor is another: it answers
 * at once instead of asking a device.
 */
export async function openNetpulse(backend: Backend, store: Store): Promise<BenchQueue> {
  const storage = await open(backend, store);
  await storage.migrate();
  return {
    enqueue: (n) => storage.enqueue({ jobs: [newJob(storage, n)] }),
    enqueueMany: (numbers) => storage.enqueue({ jobs: numbers.map((n) => newJob(storage, n)) }),
    worker: async (atOnce, events) => {
      // On SQLite the node shares the connection of the API, as `serve` does; on Redis it is another process.
      const own = backend === "redis" ? await open(backend, store) : storage;
      return startableNode({ storage: own, sealing, ids, atOnce, events });
    },
    bareWorker: (atOnce, events) => startableLoop({ storage, sealing, ids, atOnce, events }),
    counts: async () => {
      const { queued, finished } = await storage.counts();
      return { queued, done: finished };
    },
  };
}

function open(backend: Backend, { dir, redisPort }: Store): Promise<OwnStore> {
  if (backend === "redis") return openStorage({ url: `redis://127.0.0.1:${redisPort}`, clock: systemClock });
  const synchronous = backend === "sqlite-full" ? "full" : "normal";
  return openStorage({ url: `sqlite:${join(dir, "netpulse.db")}`, clock: systemClock, synchronous });
}

/** As the engine's `submit` makes it; what is sealed has the size of the others' payload. */
function newJob(storage: Storage, n: number): NewJob {
  const id = ids.job(shardOf(FIFO_QUEUE, storage.info.shards));
  return {
    id,
    queue: FIFO_QUEUE,
    sealed: sealing.seal(id, encodeOperation(operation(n))),
    driver: "bench",
    host: "192.0.2.1",
    site: null,
    batchId: null,
    command: ["show version"],
    retvalShape: "text",
    priority: 0,
    lane: "bench",
    runAt: null,
    ttlMs: 3_600_000,
    resultTtlMs: 3_600_000,
    executionTimeoutMs: 60_000,
    retries: 0,
    createdAt: systemClock.now(),
    idempotency: null,
  };
}

function operation(n: number) {
  const bare = {
    driver: "bench",
    connectionArgs: { host: "192.0.2.1", password: "" },
    driverArgs: { n },
    operation: { kind: "command" as const, commands: ["show version"] },
    credentials: null,
    hopCredentials: null,
    lineRules: null,
    maskOutput: false,
    secrets: [],
  };
  const password = "x".repeat(PAYLOAD_BYTES - encodeOperation(bare).length);
  return { ...bare, connectionArgs: { ...bare.connectionArgs, password } };
}
