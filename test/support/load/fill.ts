import { systemClock } from "../../../src/core/clock.ts";
import { idSource } from "../../../src/core/ids.ts";
import { FIFO_QUEUE } from "../../../src/core/job.ts";
import { encodeFrame } from "../../../src/core/output-log.ts";
import {
  type Claim,
  failed,
  type Settlement,
  type Storage,
  succeeded,
} from "../../../src/storage/storage.ts";
import { bytes, DEVICE_AWAY } from "../factory.ts";
import { type Fate, HOSTS, hostName, NODES, queueOf, Stock } from "./stock.ts";

/** Stored in one call, and then brought to their ends before the next ones come. */
const CHUNK = 500;
const CHUNKS = 4;
const FIFO_WORKERS = 60;
const MAINTAINED_EVERY = 50_000;

export interface Filled {
  jobs: number;
  seconds: number;
  /** Some of those that were stored, of every fate. */
  samples: Record<Fate, string[]>;
  /** A worker that ran much, and one for a single host. */
  fifoWorker: string;
  pinnedWorker: string;
  /** One of the batches. */
  batch: string;
  /** When the newest was created. */
  until: number;
}

interface Place {
  name: string;
  incarnation: string;
  requests: { worker: string; queue: string }[];
}

/** Stores `total` jobs and runs them, all through the seam, as nodes would. Leaves no living node behind. */
export async function fill(storage: Storage, total: number, progress: (stored: number) => void = () => {}) {
  const since = performance.now();
  const stock = new Stock({ total, shards: storage.info.shards, now: Date.now() });
  const samples: Filled["samples"] = { finished: [], failed: [], cancelled: [], queued: [] };
  const ids = idSource(systemClock);
  const places = await addNodes(storage, ids);
  while (stock.left > 0) {
    const fates = await storeSome(storage, stock, samples);
    await cancelSome(storage, fates, ids, stock.now);
    await Promise.all(places.map((place) => runAll(storage, place, fates, ids, stock)));
    // As the maintenance of a node does; nothing is old enough to go.
    if (stock.left % MAINTAINED_EVERY === 0) await storage.prune({ max: 1_000, now: stock.now });
    progress(total - stock.left);
  }
  for (const { name, incarnation } of places) await storage.removeNode({ name, incarnation });
  const [first] = places;
  const pinnedWorker = first?.requests.find(({ queue }) => queue !== FIFO_QUEUE)?.worker ?? "";
  const fifoWorker = first?.requests[0]?.worker ?? "";
  const seconds = (performance.now() - since) / 1_000;
  return {
    jobs: total,
    seconds,
    samples,
    fifoWorker,
    pinnedWorker,
    batch: stock.batch,
    until: stock.now,
  } satisfies Filled;
}

async function addNodes(storage: Storage, ids: ReturnType<typeof idSource>): Promise<Place[]> {
  const places: Place[] = [];
  for (const [n, name] of NODES.entries()) {
    const incarnation = ids.next("inc");
    await storage.registerNode({
      node: { name, incarnation, hostname: "machine", pid: 1, capacity: 1_000, sites: [null] },
    });
    const queues = Array.from({ length: FIFO_WORKERS }, () => FIFO_QUEUE);
    for (let host = n; host < HOSTS; host += NODES.length) queues.push(queueOf(hostName(host)));
    const requests: Place["requests"] = [];
    for (const queue of queues) {
      const worker = ids.worker();
      const kind = queue === FIFO_QUEUE ? "fifo" : "pinned";
      const host = queue === FIFO_QUEUE ? null : queue.slice("pinned_".length);
      await storage.addWorker({
        worker: {
          name: worker,
          node: name,
          incarnation,
          kind,
          queue,
          hostname: "machine",
          pid: 1,
          host,
          site: null,
        },
      });
      requests.push({ worker, queue });
    }
    places.push({ name, incarnation, requests });
  }
  return places;
}

async function storeSome(
  storage: Storage,
  stock: Stock,
  samples: Filled["samples"],
): Promise<Map<string, Fate>> {
  const fates = new Map<string, Fate>();
  for (let chunk = 0; chunk < CHUNKS && stock.left > 0; chunk++) {
    const planned = Array.from({ length: Math.min(CHUNK, stock.left) }, () => stock.next());
    for (const { job, fate } of planned) {
      fates.set(job.id, fate);
      if (samples[fate].length < 1_000) samples[fate].push(job.id);
    }
    await storage.enqueue({ jobs: planned.map(({ job }) => job), now: stock.now });
  }
  return fates;
}

async function cancelSome(
  storage: Storage,
  fates: Map<string, Fate>,
  ids: ReturnType<typeof idSource>,
  now: number,
): Promise<void> {
  const doomed = [...fates].filter(([, fate]) => fate === "cancelled");
  await Promise.all(doomed.map(([id]) => storage.cancel({ op: ids.next("op"), id, abort: false, now })));
}

async function runAll(
  storage: Storage,
  { name: node, incarnation, requests }: Place,
  fates: Map<string, Fate>,
  ids: ReturnType<typeof idSource>,
  stock: Stock,
): Promise<void> {
  let wanted = requests;
  while (wanted.length > 0) {
    const claims = await storage.claim({
      op: ids.next("op"),
      node,
      incarnation,
      requests: wanted,
      now: stock.now,
    });
    if (claims.length === 0) return;
    await storage.settle({ settlements: claims.map((claim) => settlement(claim, fates)), now: stock.now });
    // Whoever got nothing gets nothing more of these.
    const busy = new Set(claims.map(({ worker }) => worker));
    wanted = wanted.filter(({ worker }) => busy.has(worker));
  }
}

const OUTPUT = [
  encodeFrame({ kind: "start", index: 0, at: 0, command: "show version" }),
  encodeFrame({
    kind: "data",
    index: 0,
    stream: "stdout",
    text: "Cisco IOS Software, Version 15.2(4)M7\n".repeat(3),
  }),
  encodeFrame({ kind: "end", index: 0, ok: true, exitStatus: null, durationMs: 12 }),
];
const TAIL = bytes(OUTPUT.join(""));

function settlement({ token }: Claim, fates: Map<string, Fate>): Settlement {
  const outcome = fates.get(token.id) === "failed" ? failed(DEVICE_AWAY) : succeeded();
  return { token, tail: TAIL, tailOffset: 0, outcome };
}
