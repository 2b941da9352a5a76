import { JOB_STATUSES, type JobStatus } from "../../../core/job.ts";
import type { Engine, JobView } from "../../../engine/engine.ts";
import { readPage } from "../jobs/page.ts";

/** What went wrong comes first, then what is still to come. */
const ORDER: readonly JobStatus[] = ["failed", "started", "queued", "cancelled", "finished"];

export interface BatchPage {
  jobs: JobView[];
  /** Where to go on: a status and the last job of it; null at the end. */
  next: string | null;
  size: number;
}

/** A page of a batch's jobs by status, in each of them in the order of submission; it ends early when it holds much output. */
export async function readBatchPage(
  engine: Pick<Engine, "jobs">,
  query: { batchId: string; limit: number; outputs: boolean; after?: string },
): Promise<BatchPage> {
  const { batchId, limit, outputs } = query;
  const page: BatchPage = { jobs: [], next: null, size: 0 };
  let { status, seq } = parsePlace(query.after ?? "");
  for (let n = ORDER.indexOf(status); n < ORDER.length; n++) {
    status = ORDER[n] ?? status;
    const filter = { batchId, status };
    const rest = { filter, order: "asc" as const, limit: limit - page.jobs.length, outputs };
    const part = await readPage(engine, { ...rest, ...(seq !== null && { after: seq }) });
    page.jobs.push(...part.jobs);
    page.size += part.size;
    if (part.next !== null) return { ...page, next: `${status}:${part.next}` };
    seq = null;
    const follows = ORDER[n + 1];
    if (page.jobs.length >= limit && follows !== undefined) return { ...page, next: `${follows}:` };
  }
  return page;
}

/** Only for a place that is empty or of our making. */
function parsePlace(place: string): { status: JobStatus; seq: number | null } {
  const [status, seq = ""] = place.split(":");
  const known = JOB_STATUSES.find((each) => each === status);
  return { status: known ?? "failed", seq: seq === "" ? null : Number(seq) };
}
