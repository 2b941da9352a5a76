import type { BenchQueue, Store } from "./queue.ts";

export type StoreKind = "redis" | "sqlite";

/** One queue on one store with one durability. */
export interface Contestant {
  /** As `--only` takes it. */
  name: string;
  /** As the table shows it. */
  label: string;
  ours: boolean;
  store: StoreKind;
  /** npm package whose version is reported; null for ours. */
  package: string | null;
  /** What is not its default, and what that means. */
  settings: string;
  /** Loads the library: only in the process that measures it. */
  open(store: Store): Promise<BenchQueue>;
}

const netpulse = () => import("./queues/netpulse.ts");

export const CONTESTANTS: readonly Contestant[] = [
  {
    name: "netpulse-redis",
    label: "**NetPulse**",
    ours: true,
    store: "redis",
    package: null,
    settings:
      "jobs are sealed (AES-256-GCM), indexed and kept with their results; a node with its leases, heartbeat and maintenance runs them; producer and node have connections of their own.",
    open: async (store) => (await netpulse()).openNetpulse("redis", store),
  },
  {
    name: "bullmq",
    label: "BullMQ",
    ours: false,
    store: "redis",
    package: "bullmq",
    settings: "ioredis; completed jobs are kept (its default).",
    open: async (store) => (await import("./queues/bullmq.ts")).openBullmq(store),
  },
  {
    name: "bee-queue",
    label: "bee-queue",
    ours: false,
    store: "redis",
    package: "bee-queue",
    settings:
      "no events to producers and no table of jobs in memory (`getEvents`, `sendEvents`, `storeJobs` off), looks for stalled jobs every 2.5 s; finished jobs are kept, without a result.",
    open: async (store) => (await import("./queues/bee-queue.ts")).openBeeQueue(store),
  },
  {
    name: "groupmq",
    label: "groupmq",
    ours: false,
    store: "redis",
    package: "groupmq",
    settings:
      "one group at 1 at once, else twice as many as jobs at once; `keepCompleted`; bulk is `autoBatch` at its defaults.",
    open: async (store) => (await import("./queues/groupmq.ts")).openGroupmq(store),
  },
  {
    name: "netpulse-sqlite-full",
    label: "**NetPulse**, FULL",
    ours: true,
    store: "sqlite",
    package: null,
    settings:
      "as on Redis, with producer and node on one connection as in `serve`; `synchronous = FULL`, its default.",
    open: async (store) => (await netpulse()).openNetpulse("sqlite-full", store),
  },
  {
    name: "netpulse-sqlite-normal",
    label: "**NetPulse**, NORMAL",
    ours: true,
    store: "sqlite",
    package: null,
    settings: "the same with `synchronous = NORMAL`.",
    open: async (store) => (await netpulse()).openNetpulse("sqlite-normal", store),
  },
  {
    name: "bunqueue",
    label: "bunqueue",
    ours: false,
    store: "sqlite",
    package: "bunqueue",
    settings:
      "embedded; `durable` jobs, as the others' are (by default an accepted job waits in memory for up to 10 ms); `pollTimeout` 5 s, so that it need not poll.",
    open: async (store) => (await import("./queues/bunqueue.ts")).openBunqueue(store),
  },
  {
    name: "plainjob",
    label: "plainjob",
    ours: false,
    store: "sqlite",
    package: "plainjob",
    settings:
      "`bun:sqlite`; a worker for each job at once; looks for jobs every millisecond when idle (every second by default). It keeps no results.",
    open: async (store) => (await import("./queues/plainjob.ts")).openPlainjob(store),
  },
];
