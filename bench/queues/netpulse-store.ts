import type { IdSource } from "../../src/core/ids.ts";
import { FIFO_QUEUE } from "../../src/core/job.ts";
import { decodeOperation } from "../../src/engine/operation.ts";
import type { Sealer } from "../../src/engine/seal.ts";
import { type Claim, type Storage, succeeded } from "../../src/storage/storage.ts";
import type { BenchWorker, WorkerEvents } from "../queue.ts";

const NODE = { node: "bench", incarnation: "inc_bench" };
const NOTHING = new Uint8Array();

export interface BareParams {
  storage: Storage;
  sealing: Sealer;
  ids: IdSource;
  atOnce: number;
  events: WorkerEvents;
}

/** Claims a job for each of `atOnce` workers in one call and settles them in one call, until nothing is left. */
export async function startableLoop(params: BareParams): Promise<BenchWorker> {
  const workers = await register(params);
  return { go: () => void drain(params, workers).catch((error: unknown) => params.events.failed(error)) };
}

async function register({ storage, ids, atOnce }: BareParams): Promise<string[]> {
  const place = { hostname: "bench", pid: process.pid };
  await storage.registerNode({
    node: { name: NODE.node, incarnation: NODE.incarnation, ...place, capacity: 0, sites: [null] },
  });
  const names = Array.from({ length: atOnce }, () => ids.worker());
  for (const name of names) {
    const worker = {
      name,
      ...NODE,
      kind: "fifo" as const,
      queue: FIFO_QUEUE,
      ...place,
      host: null,
      site: null,
    };
    await storage.addWorker({ worker });
  }
  return names;
}

async function drain({ storage, sealing, ids, events }: BareParams, workers: string[]): Promise<void> {
  const requests = workers.map((worker) => ({ worker, queue: FIFO_QUEUE }));
  const start = ({ token, sealed }: Claim) => {
    events.started(Number(decodeOperation(sealing.open(token.id, sealed)).driverArgs.n));
    return { token, tail: NOTHING, tailOffset: 0, outcome: succeeded() };
  };
  const claim = () => storage.claim({ op: ids.next("op"), ...NODE, requests });
  for (let claims = await claim(); claims.length > 0; claims = await claim()) {
    const outcomes = await storage.settle({ settlements: claims.map(start) });
    for (const outcome of outcomes) {
      if (outcome === "ok") events.done();
      else events.failed(new Error(`a settlement was ${outcome}`));
    }
  }
}
