import type { Job } from "../../core/job.ts";
import type { NewJob } from "../storage.ts";
import { newDefinition, newRecord, pack, toJob } from "./codec.ts";
import type { Argument, Reply } from "./link.ts";
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

/** The arguments of `enqueue.lua`. Lua's msgpack knows no bytes, so the sealed operations come after the calls. */
export function enqueueArguments(now: string, op: string, calls: NewEntry[][]): Argument[] {
  const sealed: Uint8Array[] = [];
  const packed = pack(
    calls.map((call) =>
      call.map(([id, record, def, bytes, fingerprint]) => [id, record, def, sealed.push(bytes), fingerprint]),
    ),
  );
  return [now, op, packed, ...sealed];
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
