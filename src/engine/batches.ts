import { RequestError } from "../core/errors.ts";
import type { IdSource } from "../core/ids.ts";
import type { Batch, BatchPhase, BatchStore } from "../storage/batches.ts";
import type { Storage } from "../storage/storage.ts";
import type { BatchView } from "./engine.ts";

export interface BatchDeps {
  storage: Storage;
  batches: BatchStore;
  ids: IdSource;
}

/** Phases in which jobs of a batch may still start. */
export const GOING_ON: readonly BatchPhase[] = ["canary", "releasing", "open"];

export async function batch({ storage, batches }: BatchDeps, id: string): Promise<BatchView> {
  const found = await mustFind(batches, id);
  return { batch: found, counts: await storage.batchCounts({ batchId: id }) };
}

/**
 * Marked first: whatever is stored of it later, or is still held, the nodes' maintenance cancels. That may be at it
 * already, and then has its part in what is cancelled here.
 */
export async function cancelBatch(deps: BatchDeps, id: string): Promise<{ cancelled: string[] }> {
  const { storage, batches, ids } = deps;
  const before = new Set(await cancelledOf(storage, id));
  const change = { phase: "stopping", reason: "it was cancelled on request", watched: true } as const;
  const stopping = await batches.changeBatch({ id, from: GOING_ON, change });
  if (stopping === null) await mustFind(batches, id);
  const { ids: cancelled } = await storage.cancelQueued({ op: ids.next("op"), filter: { batchId: id } });
  const counts = await storage.batchCounts({ batchId: id });
  if (counts.cancelled <= before.size + cancelled.length) return { cancelled };
  return { cancelled: (await cancelledOf(storage, id)).filter((job) => !before.has(job)) };
}

const PAGE = 1000;

async function cancelledOf(storage: Storage, batchId: string): Promise<string[]> {
  const found: string[] = [];
  let after: number | null = null;
  do {
    const page = { filter: { batchId, status: "cancelled" }, order: "asc", limit: PAGE } as const;
    const { jobs, next } = await storage.list({ ...page, ...(after !== null && { after }) });
    for (const job of jobs) found.push(job.id);
    after = next;
  } while (after !== null);
  return found;
}

export async function mustFind(batches: BatchStore, id: string): Promise<Batch> {
  const found = await batches.getBatch({ id });
  if (found === null) {
    throw new RequestError("not_found", "no such batch; it is forgotten with the last of its jobs");
  }
  return found;
}
