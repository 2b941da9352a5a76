import type { Job } from "../../../src/core/job.ts";
import type { Lease } from "../../../src/storage/storage.ts";
import type { Ending } from "./calls.ts";
import type { JobTrace, RunTrace } from "./trace.ts";

/** What the store says of a job now. */
export interface Stored {
  job: Job;
  output: string;
  lease: Lease | null;
}

/** What contradicts what callers asked and were told; empty when nothing does. */
export function verdict(trace: JobTrace, stored: Stored | null): string[] {
  if (!stored) return trace.accepted ? [`${trace.spec.id} was accepted and is lost`] : [];
  const { job } = stored;
  const found = [
    ...status(trace, stored),
    ...attempts(trace, job),
    ...output(trace, stored),
    ...told(trace, job),
  ];
  return found.map((what) => `${job.id} (${job.status}): ${what}: ${JSON.stringify({ trace, stored })}`);
}

function status(trace: JobTrace, { job, lease }: Stored): string[] {
  const last = trace.runs.at(-1);
  const problems: string[] = [];
  const must = (right: boolean, what: string) => void (right || problems.push(what));
  switch (job.status) {
    case "finished":
      must(last?.end?.ending === "succeed", "finished without a success");
      must(job.result?.type === "success", "finished without its result");
      break;
    case "failed":
      must(last !== undefined && mayHaveFailed(trace, last, job), "failed without a reason");
      must(job.result?.error != null, "failed without its error");
      break;
    case "cancelled":
      must(trace.cancels.length > 0, "cancelled by nobody");
      must(last === undefined || wentBack(last), "cancelled while it ran");
      break;
    case "queued":
      must(last === undefined || wentBack(last), "queued, and its run never went back");
      break;
    case "started":
      must(lease?.token.nonce === last?.token.nonce, "started by a run that nobody was given");
      must(last?.end?.told == null, "still started after its end was acknowledged");
      break;
  }
  must((lease !== null) === (job.status === "started"), "a lease without a started job, or the reverse");
  return problems;
}

function wentBack({ end, reaped }: RunTrace): boolean {
  return reaped === "requeued" || end?.ending === "retry" || end?.ending === "release";
}

function mayHaveFailed({ cancels, spec }: JobTrace, { end, reaped }: RunTrace, job: Job): boolean {
  if (reaped === "failed" || end?.ending === "fail") return true;
  const aborted = job.result?.error?.type === "JobAborted" && cancels.some(({ abort }) => abort);
  if (end?.ending === "retry") return aborted || job.attempts > spec.retries;
  return end?.ending === "release" && aborted;
}

/** Runs that count: all but those that were handed back. At most once, unless retries were asked for. */
function attempts({ runs, spec }: JobTrace, job: Job): string[] {
  const handedBack = runs.filter((run, n) => isHandedBack(run, n === runs.length - 1 ? job : null)).length;
  const expected = runs.length - handedBack;
  if (job.attempts > spec.retries + 1) return [`run ${job.attempts} times with ${spec.retries} retries`];
  return job.attempts === expected ? [] : [`${job.attempts} attempts where ${expected} were seen`];
}

/** `job` when it is the last run, of which only the status tells whether handing it back was done. */
function isHandedBack({ end, reaped }: RunTrace, job: Job | null): boolean {
  if (end?.ending !== "release" || reaped !== null) return false;
  return job === null || job.status === "queued" || job.status === "cancelled";
}

function output({ runs }: JobTrace, { job, output }: Stored): string[] {
  const last = runs.at(-1);
  if (!last) return output === "" ? [] : ["output of a job that never ran"];
  if (!last.output.startsWith(output)) return ["output that its run never wrote"];
  if (output.length < last.acknowledged) return ["acknowledged output is lost"];
  const settled = last.reaped === null && last.end !== null && job.status !== "started";
  return settled && output !== last.output ? ["settled without the end of its output"] : [];
}

const FINAL: Partial<Record<Ending, Job["status"]>> = { succeed: "finished", fail: "failed" };

/** What callers were told holds for ever. */
function told({ runs, cancels, cancelledWithMany }: JobTrace, job: Job): string[] {
  const problems: string[] = [];
  for (const { end } of runs) {
    const promised = end?.told == null ? undefined : FINAL[end.ending];
    if (promised && promised !== job.status) problems.push(`was acknowledged as ${promised}`);
  }
  const cancelled = cancelledWithMany || cancels.some((cancel) => cancel.told === "cancelled");
  if (cancelled && job.status !== "cancelled") problems.push("was acknowledged as cancelled");
  return problems;
}
