import { RequestError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import type { Batch } from "../storage/batches.ts";
import { batchIdFor } from "./batch-ids.ts";
import { mustFind } from "./batches.ts";
import {
  type Accepted,
  accepted,
  type BulkDeps,
  breathe,
  fingerprintOf,
  jobIdOf,
  type Sorted,
  slices,
  sortOut,
  submitBatch,
} from "./bulk.ts";
import { deviceOf } from "./device-of.ts";
import type { BulkAnswer, BulkRequest, Caller } from "./engine.ts";

export interface RetryParams {
  id: string;
  bulk: BulkRequest;
  cancelled: boolean;
}

/**
 * A batch is retried once, under an id that follows from its own: a repeat of the request gets the same batch, and what
 * has succeeded in the retry is not run again by a second one. That is retried in turn.
 */
export async function retryBatch(
  deps: BulkDeps,
  { id, bulk, cancelled }: RetryParams,
  caller: Caller,
): Promise<BulkAnswer> {
  const old = await mustFind(deps.batches, id);
  const { queued, started } = await deps.storage.batchCounts({ batchId: id });
  if (queued + started > 0 || !old.stored) {
    throw new RequestError("conflict", "the batch still goes on; wait for its end, or cancel it first");
  }
  const sorted = await sortOut(deps, bulk, caller);
  const again = await chooseFailed(deps, { old, bulk, sorted, cancelled });
  const newId = batchIdFor(`retry\0${id}`);
  const fingerprint = await fingerprintOf(deps, bulk, again);
  const skipped =
    sorted.accepted.length + sorted.refused.length - again.accepted.length - again.refused.length;
  const wanted = { id: newId, retryOf: id, bulk, sorted: again, skipped, fingerprint };
  const answer = await submitBatch(deps, wanted, caller);
  if (answer === "another") {
    throw new RequestError("conflict", `the batch was retried already, as ${newId}; retry that one`);
  }
  return answer;
}

interface Choice {
  old: Batch;
  bulk: BulkRequest;
  sorted: Sorted;
  cancelled: boolean;
}

/** The entries whose job has failed; one that now names another device than then is refused. */
async function chooseFailed(deps: BulkDeps, { old, bulk, sorted, cancelled }: Choice): Promise<Sorted> {
  const chosen: Sorted = { accepted: [], refused: [...sorted.refused] };
  for (const places of slices(sorted.accepted)) {
    await breathe();
    const entries = places.map((place) => accepted(deps, bulk, place));
    const jobs = await deps.storage.get({ ids: entries.map((entry) => jobIdOf(deps, old, entry)) });
    for (const [n, entry] of entries.entries()) {
      const job = jobs[n];
      if (job?.status !== "failed" && !(cancelled && job?.status === "cancelled")) continue;
      const { place } = entry;
      if (isOf(job, entry)) chosen.accepted.push(place);
      else chosen.refused.push({ place, host: bulk.entry(place).host, reason: ANOTHER });
    }
  }
  chosen.refused.sort((a, b) => a.place - b.place);
  return chosen;
}

const ANOTHER = "another device, or another queue of it, stood at this place of the batch";

function isOf(job: Job, { driver, request }: Accepted): boolean {
  const { host, site, queue } = deviceOf(driver, request);
  return job.host === host && job.site === site && job.queue === queue;
}
