import type { Engine, JobQuery, JobView } from "../../../engine/engine.ts";

/** A page ends early when it holds this much output: 16 MB. */
const PAGE_BYTES = 16_000_000;

/** How many jobs are read at first; more at a time as long as they turn out small. */
const FIRST = 16;
const GROWTH = 4;

export interface Page {
  jobs: JobView[];
  next: number | null;
  /** Characters of output in it. */
  size: number;
}

/**
 * One page of jobs. With output it is read in growing parts, so that a listing of large results stops
 * near the limit instead of being read whole first.
 */
export async function readPage(engine: Pick<Engine, "jobs">, query: JobQuery): Promise<Page> {
  const page: Page = { jobs: [], next: query.after ?? null, size: 0 };
  let part = query.outputs ? FIRST : query.limit;
  do {
    const limit = Math.min(part, query.limit - page.jobs.length);
    const { jobs, next } = await engine.jobs({
      ...query,
      limit,
      ...(page.next !== null && { after: page.next }),
    });
    for (const view of jobs) page.size += outputSize(view);
    page.jobs.push(...jobs);
    page.next = next;
    part = Math.min(part * GROWTH, expectedToFit(page));
  } while (page.next !== null && page.jobs.length < query.limit && page.size < PAGE_BYTES);
  return page;
}

/** How many more there is room for, if they are like those before; at least one. */
function expectedToFit({ jobs, size }: Page): number {
  const average = Math.max(1, size / Math.max(1, jobs.length));
  return Math.max(1, Math.ceil((PAGE_BYTES - size) / average));
}

/** What a job's output takes in the answer, where `retval` repeats it. */
export function outputSize({ outputs }: JobView): number {
  let size = 0;
  for (const { stdout, stderr } of outputs ?? []) size += 2 * stdout.length + stderr.length;
  return size;
}
