import { RequestError } from "../core/errors.ts";
import type { IdSource } from "../core/ids.ts";
import type { JobFilter, Storage } from "../storage/storage.ts";

export interface CancelDeps {
  storage: Storage;
  ids: IdSource;
}

/** Cancels one queued job; with `abort`, interrupts it when it has started. */
export async function cancelJob(
  { storage, ids }: CancelDeps,
  params: { id: string; abort: boolean },
): Promise<{ cancelled: string[] }> {
  const answer = await storage.cancel({ op: ids.next("op"), ...params });
  switch (answer.outcome) {
    case "cancelled":
    case "abort_requested":
      return { cancelled: [params.id] };
    case "started":
      throw new RequestError(
        "conflict",
        "the job has started; only queued jobs are cancelled. force=true aborts it",
      );
    case "ended":
      throw new RequestError("conflict", `the job has ended already: ${answer.status}`);
    case "not_found":
      throw new RequestError("not_found", "no such job; ended jobs are forgotten after result_ttl");
  }
}

/** Cancels every queued job that matches, however many. */
export async function cancelJobs(
  { storage, ids }: CancelDeps,
  filter: JobFilter,
): Promise<{ cancelled: string[] }> {
  const answer = await storage.cancelQueued({ op: ids.next("op"), filter });
  return { cancelled: answer.ids };
}
