import type { Clock } from "../../core/clock.ts";
import type { IdSource } from "../../core/ids.ts";
import type { JobStatus } from "../../core/job.ts";
import type { Batch, BatchState, BatchStore } from "../../storage/batches.ts";
import type { Storage } from "../../storage/storage.ts";

const PAGE = 100;
/** Whoever has not stored a batch whole after so long will hardly do so any more, ms. */
const ABANDONED_MS = 10 * 60_000;

type Counts = Record<JobStatus, number>;

export interface BatchDuties {
  storage: Storage;
  batches: BatchStore;
  clock: Clock;
  ids: IdSource;
}

/**
 * Releases batches whose canary has finished well, stops those of which too many jobs have failed, and forgets those
 * without jobs. All of it is in the store, each step guarded by the phase it leaves: any number of nodes may do it, and
 * one goes on where another was killed.
 */
export class BatchKeeper {
  readonly #deps: BatchDuties;
  /**
   * Since when batches that are not stored whole were seen, on the monotonic clock: by wall clocks, which differ, one
   * that is just being stored may be hours old.
   */
  #unstored = new Map<string, number>();
  #prunedUpTo: string | undefined;
  /** Whether the end of a job may be what a batch waits for. */
  active = false;

  constructor(deps: BatchDuties) {
    this.#deps = deps;
  }

  /** One look at all that have something left to do. */
  async round(): Promise<void> {
    const unstored = new Map<string, number>();
    let after: string | undefined;
    let found = 0;
    do {
      const page = await this.#deps.batches.listBatches({
        watched: true,
        limit: PAGE,
        ...(after && { after }),
      });
      for (const batch of page.batches) {
        if (!batch.stored) unstored.set(batch.id, this.#unstoredSince(batch));
        await this.#tend(batch);
      }
      found += page.batches.length;
      after = page.next ?? undefined;
    } while (after !== undefined);
    this.#unstored = unstored;
    this.active = found > 0;
  }

  /** Forgets a page of those whose jobs are all forgotten; the next call looks at the next page. */
  async prune(): Promise<void> {
    const { storage, batches, clock } = this.#deps;
    const after = this.#prunedUpTo;
    const page = await batches.listBatches({ watched: false, limit: PAGE, ...(after && { after }) });
    this.#prunedUpTo = page.next ?? undefined;
    for (const { id, watched, createdAt } of page.batches) {
      if (watched || clock.now() - createdAt < ABANDONED_MS) continue;
      const { jobs } = await storage.list({ filter: { batchId: id }, order: "asc", limit: 1 });
      if (jobs.length === 0) await batches.forgetBatch({ id });
    }
  }

  /** Step by step, as far as it goes now. */
  async #tend(batch: Batch): Promise<void> {
    let next: Batch | null = batch;
    while (next?.watched) next = await this.#step(next);
  }

  /** What it is after the step; null when nothing is to be done now, or another node was quicker. */
  async #step(batch: Batch): Promise<Batch | null> {
    if (!batch.stored && this.#deps.clock.monotonic() - this.#unstoredSince(batch) > ABANDONED_MS) {
      return await this.#change(batch, { stored: true });
    }
    switch (batch.phase) {
      case "stopping":
        return await this.#cancelRest(batch);
      case "stopped":
        return await this.#leaveStopped(batch);
      default:
        return await this.#goOn(batch);
    }
  }

  #unstoredSince({ id }: Batch): number {
    return this.#unstored.get(id) ?? this.#deps.clock.monotonic();
  }

  /** What each phase leads to where its jobs need not be counted, or few enough have failed. */
  #next(batch: Batch, counts: Counts | null): Promise<Batch | null> {
    switch (batch.phase) {
      case "canary":
        return this.#judgeCanary(batch);
      case "releasing":
        return this.#release(batch);
      default:
        return this.#leaveIfOver(batch, counts);
    }
  }

  /** Counted once for a step: a job that fails between two looks would be over in the one and not yet failed in the other. */
  async #goOn(batch: Batch): Promise<Batch | null> {
    const { id, stopAfter } = batch;
    if (stopAfter === null) return await this.#next(batch, null);
    const counts = await this.#deps.storage.batchCounts({ batchId: id });
    const { failed } = counts;
    if (failed < stopAfter) return await this.#next(batch, counts);
    const reason = `stop_after_failures: ${failed} of its jobs have failed`;
    return await this.#change(batch, { phase: "stopping", reason });
  }

  /** One that is gone was forgotten before anybody looked: nobody knows how it ended. */
  async #judgeCanary(batch: Batch): Promise<Batch | null> {
    const jobs = await this.#deps.storage.get({ ids: batch.canary });
    const statuses = jobs.map((job) => job?.status ?? (batch.stored ? "forgotten" : "queued"));
    const bad = statuses.filter((status) => ["failed", "cancelled", "forgotten"].includes(status));
    if (bad.length > 0) {
      const reason = `canary: of its first ${statuses.length} jobs ${bad.length} did not finish well`;
      return await this.#change(batch, { phase: "stopping", reason });
    }
    if (!statuses.every((status) => status === "finished")) return null;
    return await this.#change(batch, { phase: "releasing" });
  }

  /** While it is being stored, more may come that are held; those are released by the next round. */
  async #release(batch: Batch): Promise<Batch | null> {
    await this.#deps.storage.releaseHeld({ batchId: batch.id });
    return batch.stored ? await this.#change(batch, { phase: "open" }) : null;
  }

  async #leaveIfOver(batch: Batch, counts: Counts | null): Promise<Batch | null> {
    if (!batch.stored) return null;
    if (counts !== null && counts.queued + counts.started > 0) return null;
    return await this.#change(batch, { watched: false });
  }

  /** What had started may come back to its queue, by a retry or the loss of its node: it is not to start again. */
  async #leaveStopped(batch: Batch): Promise<Batch | null> {
    const { queued, started } = await this.#deps.storage.batchCounts({ batchId: batch.id });
    if (queued > 0) await this.#cancelQueued(batch);
    return queued + started > 0 ? null : await this.#change(batch, { watched: false });
  }

  async #cancelRest(batch: Batch): Promise<Batch | null> {
    await this.#cancelQueued(batch);
    return batch.stored ? await this.#change(batch, { phase: "stopped" }) : null;
  }

  async #cancelQueued({ id }: Batch): Promise<void> {
    const { storage, ids } = this.#deps;
    await storage.cancelQueued({ op: ids.next("op"), filter: { batchId: id } });
  }

  #change(batch: Batch, change: Partial<BatchState>): Promise<Batch | null> {
    return this.#deps.batches.changeBatch({ id: batch.id, from: [batch.phase], change });
  }
}
