import type { Job } from "../../../core/job.ts";
import type { ListJobsParams, Storage } from "../../storage.ts";
import { toJob } from "../codec.ts";
import type { RedisLink, Reply } from "../link.ts";
import { merge, type Step } from "../merge.ts";
import { bytes, text } from "../replies.ts";
import { scan, shardsOf } from "../scan.ts";

/** Steps through the shards until the page is full: one step is short, so others have their turn in between. */
export function list(link: RedisLink): Storage["list"] {
  return async ({ filter, order, limit, after }) => {
    const source = (shard: number) => async (wanted: number, from: number | null) =>
      toStep(await scan(link, shard, { filter, order, limit: wanted, after: from, give: "jobs" }));
    const jobs = await merge<Job, number>({
      sources: shardsOf(filter, link.shards).map(source),
      after: after ?? null,
      // One more than asked for tells whether there is a next page.
      wanted: limit + 1,
      placeOf: ({ seq }) => seq,
      isBefore: isBefore(order),
    });
    const page = jobs.slice(0, limit);
    return { jobs: page, next: jobs.length > limit ? (page.at(-1)?.seq ?? null) : null };
  };
}

function isBefore(order: ListJobsParams["order"]): (seq: number, other: number) => boolean {
  return order === "asc" ? (seq, other) => seq < other : (seq, other) => seq > other;
}

function toStep({ flat, next }: { flat: Reply[]; next: number | null }): Step<Job, number> {
  const rows: Job[] = [];
  for (let n = 0; n < flat.length; n += 2) rows.push(toJob(text(flat[n]), bytes(flat[n + 1])));
  return { rows, next };
}
