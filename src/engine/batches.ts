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

/** Marked first: whatever is stored of it later, or is still held, the nodes' maintenance cancels. */
export async function cancelBatch(deps: BatchDeps, id: string): Promise<{ cancelled: string[] }> {
  const { storage, batches, ids } = deps;
  const change = { phase: "stopping", reason: "it was cancelled on request", watched: true } as const;
  const stopping = await batches.changeBatch({ id, from: GOING_ON, change });
  if (stopping === null) await mustFind(batches, id);
  const { ids: cancelled } = await storage.cancelQueued({ op: ids.next("op"), filter: { batchId: id } });
  return { cancelled };
}

export async function mustFind(batches: BatchStore, id: string): Promise<Batch> {
  const found = await batches.getBatch({ id });
  if (found === null) {
    throw new RequestError("not_found", "no such batch; it is forgotten with the last of its jobs");
  }
  return found;
}
