import type { Job } from "../../core/job.ts";
import type { NewJob } from "../storage.ts";
import { newDefinition, newRecord, toJob } from "./codec.ts";
import type { Reply } from "./link.ts";
import { bytes, list, text } from "./replies.ts";

/** A job as `enqueue.lua` takes it. */
export type NewEntry = [
  id: string,
  record: unknown,
  def: string,
  sealed: Uint8Array,
  /** Of its idempotency key; false where the keys are looked after elsewhere. */
  fingerprint: string | false,
];

export function toEntry(job: NewJob, withKey: boolean): NewEntry {
  const fingerprint = withKey && job.idempotency ? job.idempotency.fingerprint : false;
  return [job.id, newRecord(job), newDefinition(job), job.sealed, fingerprint];
}

/** What `enqueue.lua` says of one call. */
export interface Enqueued {
  outcome: "stored" | "duplicate" | "mismatch";
  jobs: Job[];
}

export function toEnqueued(reply: Reply): Enqueued {
  const [outcome, ...rest] = list(reply);
  // Safe: the script answers nothing else.
  return { outcome: text(outcome) as Enqueued["outcome"], jobs: toJobs(rest) };
}

/** From a flat list of id, record, definition. */
function toJobs(flat: Reply[]): Job[] {
  const jobs: Job[] = [];
  for (let n = 0; n < flat.length; n += 3) {
    jobs.push(toJob(text(flat[n]), bytes(flat[n + 1]), bytes(flat[n + 2])));
  }
  return jobs;
}
