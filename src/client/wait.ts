import { isFinal } from "../core/job.ts";
import { backoffMs } from "./backoff.ts";
import { JobFailed, NetworkError, NotFound, TooManyRequests, Unavailable, WaitTimeout } from "./errors.ts";
import type { CallOptions, Http } from "./http.ts";
import { pause } from "./timing.ts";
import type { Job } from "./types.ts";

/** How a job is waited for. */
export interface WaitOptions {
  /** Ends the waiting, with the signal's reason; the job goes on. */
  signal?: AbortSignal | undefined;
  /** After which `WaitTimeout` is thrown, ms; the job goes on. Default: never. */
  timeoutMs?: number | undefined;
  /** How long the API may be out of reach, ms. Default 60,000. */
  patienceMs?: number | undefined;
}

/** Held by the API for so long: below the minute it allows, and below what proxies cut off. */
const POLL_S = 50;
const GRACE_MS = 15_000;
/** How long an API may be out of reach while a job is waited for, unless the caller says. */
export const PATIENCE_MS = 60_000;

/** The job once it has ended, by long poll. */
export async function waitForEnd(http: Http, id: string, options: WaitOptions = {}): Promise<Job> {
  const { signal, timeoutMs, patienceMs = PATIENCE_MS } = options;
  const { clock, random } = http;
  const until = clock.monotonic() + (timeoutMs ?? Number.POSITIVE_INFINITY);
  const left = () => Math.max(0, until - clock.monotonic());
  for (;;) {
    const askedAt = clock.monotonic();
    const wait = Math.min(POLL_S, Math.ceil(left()) / 1000);
    const patience = Math.min(patienceMs, left());
    const call = { signal, timeoutMs: wait * 1000 + GRACE_MS, retryForMs: patience };
    const job = await getJob(http, { id, wait }, call).catch((error: unknown) => {
      throw isOutage(error) && timeoutMs !== undefined && patience < patienceMs
        ? new WaitTimeout(id, timeoutMs, { cause: error })
        : error;
    });
    if (isFinal(job.status)) return job;
    if (timeoutMs !== undefined && left() === 0) throw new WaitTimeout(id, timeoutMs);
    // An API that stops lets its waiters go at once; asked again and again it would only stop later.
    const early = clock.monotonic() - askedAt < (wait * 1000) / 2;
    if (early) await pause(clock, Math.min(left(), backoffMs(1, random)), signal);
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof NetworkError || error instanceof Unavailable || error instanceof TooManyRequests;
}

/** The job, where it has finished well; throws `JobFailed` otherwise. */
export function orThrow(job: Job): Job {
  if (job.status === "finished") return job;
  throw new JobFailed(job);
}

/** `wait`: seconds that the API holds its answer while the job has not ended. */
export async function getJob(
  http: Http,
  query: { id: string; wait?: number },
  options?: CallOptions,
): Promise<Job> {
  const [job] = await http.get<Job[]>("/job", query, options);
  if (job !== undefined) return job;
  throw new NotFound({ status: 404, message: "no such job", data: null, retryAfterMs: null });
}
