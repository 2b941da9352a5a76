import type { Clock } from "../../core/clock.ts";
import type { Storage } from "../../storage/storage.ts";

const BATCH = 500;
/** A round ends after this many batches, so that a large backlog does not hold the writer. */
const BATCHES = 20;

/** Forgets ended jobs and dead workers whose retention has run out. */
export async function prune(storage: Storage, clock: Clock, deadRetentionMs: number): Promise<void> {
  for (let batch = 0; batch < BATCHES; batch++) {
    const { pruned } = await storage.prune({ max: BATCH });
    if (pruned < BATCH) break;
  }
  await storage.pruneWorkers({ diedBefore: clock.now() - deadRetentionMs });
}
