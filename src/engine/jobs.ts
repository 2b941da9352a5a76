import type { Clock } from "../core/clock.ts";
import { RequestError } from "../core/errors.ts";
import { isFinal, type Job } from "../core/job.ts";
import type { Storage } from "../storage/storage.ts";
import type { JobQuery, JobView } from "./engine.ts";
import type { JobEnds } from "./job-ends.ts";
import { shownOutputs } from "./outputs.ts";
import { waitingOf } from "./waiting.ts";

export interface ViewDeps {
  storage: Storage;
  /** A node that was not heard of for so long is not counted upon, ms. */
  nodeSilenceMs: number;
  /** Bytes of a job's output that its view shows. */
  inlineOutput: number;
}

export interface JobsDeps extends ViewDeps {
  clock: Clock;
  ends: JobEnds;
}

/** One job by id, held back until it has ended, `waitMs` is over, or the caller went away. */
export async function job(
  deps: JobsDeps,
  params: { id: string; waitMs: number; outputs: boolean; signal: AbortSignal },
): Promise<JobView> {
  const { id, waitMs, signal } = params;
  const found = waitMs > 0 ? await endOf(deps, id, waitMs, signal) : await read(deps.storage, id);
  if (found === null)
    throw new RequestError("not_found", "no such job; ended jobs are forgotten after result_ttl");
  const [view] = await viewsOf(deps, [found], params.outputs);
  if (!view) throw new Error("a job without its view");
  return view;
}

export async function jobs(
  deps: ViewDeps,
  query: JobQuery,
): Promise<{ jobs: JobView[]; next: number | null }> {
  const { outputs, ...page } = query;
  const { jobs, next } = await deps.storage.list(page);
  return { jobs: await viewsOf(deps, jobs, outputs), next };
}

/** The watch begins before the first read, so an end between the two is not missed. */
async function endOf(deps: JobsDeps, id: string, waitMs: number, signal: AbortSignal): Promise<Job | null> {
  const woken = Promise.withResolvers<void>();
  const stopWaiting = deps.ends.on(id, woken.resolve);
  const timer = deps.clock.after(waitMs, woken.resolve);
  const leave = () => woken.resolve();
  signal.addEventListener("abort", leave);
  if (signal.aborted) leave(); // it will not be told again
  try {
    const now = await read(deps.storage, id);
    if (now === null || isFinal(now.status)) return now;
    await woken.promise;
    return await read(deps.storage, id);
  } finally {
    timer.cancel();
    stopWaiting();
    signal.removeEventListener("abort", leave);
  }
}

async function read(storage: Storage, id: string): Promise<Job | null> {
  const [found] = await storage.get({ ids: [id] });
  return found ?? null;
}

async function viewsOf(
  { storage, nodeSilenceMs, inlineOutput }: ViewDeps,
  jobs: Job[],
  wanted: boolean,
): Promise<JobView[]> {
  const [waiting, shown] = await Promise.all([
    waitingOf(storage, nodeSilenceMs, jobs),
    wanted ? shownOutputs(storage, jobs, inlineOutput) : null,
  ]);
  return jobs.map((job) => {
    const { outputs = [], truncated = false } = shown?.get(job.id) ?? {};
    return { job, outputs: shown && outputs, truncated, waiting: waiting.get(job.id) ?? null };
  });
}
