import { isFinal } from "../core/job.ts";
import { cancelJob } from "./cancel.ts";
import type { Caller, ExecRequest, JobView } from "./engine.ts";
import { type JobsDeps, job } from "./jobs.ts";
import { type SubmitDeps, submit } from "./submit.ts";

/** Somebody waits: it comes before what waits in its queue anyway. */
const PRIORITY = 100;
/** What is left of the time for the answer of a job that was cancelled, ms. */
const PARTING_MS = 2_000;

/**
 * A FIFO job for whoever waits for it: it logs in anew, beside whatever session is kept with the device, and closes its
 * session. Through the queue like any other, so that nodes, sites, admission, breakers and host keys count for it as for
 * those to come. Bounded by `job.test_timeout`; one that has not ended by then, or whose caller went away, is cancelled.
 */
export async function runNow(
  deps: SubmitDeps & JobsDeps,
  request: ExecRequest,
  caller: Caller,
  signal: AbortSignal,
): Promise<JobView> {
  const { testTimeout } = deps.limits;
  const terms = {
    ttl: testTimeout,
    executionTimeout: testTimeout,
    queueStrategy: "fifo",
    priority: PRIORITY,
  } as const;
  const submitted = await submit(deps, { ...request, ...terms }, caller);
  const { id } = submitted.job;
  const view = await job(deps, { id, waitMs: testTimeout * 1000, outputs: true, signal });
  if (isFinal(view.job.status)) return view;
  await cancelJob(deps, { id, abort: true }).catch(() => {}); // it has just ended, or its own time ends it
  const last = await job(deps, { id, waitMs: signal.aborted ? 0 : PARTING_MS, outputs: true, signal });
  return { ...last, waiting: view.waiting }; // what it waited for, if it never started
}
