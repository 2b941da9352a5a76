import type { Database } from "bun:sqlite";
import type { Job } from "../../../core/job.ts";
import type { ListJobsParams } from "../../storage.ts";
import { breathe } from "../patience.ts";
import type { Reader } from "../reader.ts";
import { LISTED_COLUMNS, type ListedRow, toJob } from "../rows.ts";
import { prepareScan } from "../scan.ts";

type Page = { jobs: Job[]; next: number | null };

/** Scans step by step until the page is full, letting the loop go in between. */
export function list(db: Database, reader: Reader): (params: ListJobsParams) => Promise<Page> {
  const scan = prepareScan<ListedRow>(db, LISTED_COLUMNS);
  return async ({ filter, order, limit, after }) => {
    const jobs: Job[] = [];
    // One more than asked for tells whether there is a next page.
    const wanted = limit + 1;
    for (let from: number | null = after ?? null; ; ) {
      const step = await reader.read(() => scan({ filter, order, limit: wanted - jobs.length, after: from }));
      for (const row of step.rows) jobs.push(toJob(row));
      if (jobs.length >= wanted) return { jobs: jobs.slice(0, limit), next: jobs[limit - 1]?.seq ?? null };
      if (step.next === null) return { jobs, next: null };
      from = step.next;
      await breathe();
    }
  };
}
