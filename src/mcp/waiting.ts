import { type Job, WaitTimeout } from "../client/index.ts";
import type { Call } from "./tool.ts";

/** Seconds: below the minute after which many clients give up a call. */
export const MAX_WAIT = 50;
export const DEFAULT_WAIT = 20;

/** How often a client hears that the job goes on, ms. */
const STEP_MS = 5_000;
/** How long the API may be out of reach, ms. */
const PATIENCE_MS = 5_000;

/** The job once it has ended, or as it is after so many seconds. */
export async function waitForJob(call: Call, id: string, seconds: number): Promise<Job> {
  const { client, clock, signal } = call;
  const until = clock.monotonic() + seconds * 1000;
  for (;;) {
    const left = until - clock.monotonic();
    if (left <= 0) return await client.jobs.get(id, { signal });
    try {
      const timeoutMs = Math.min(left, STEP_MS);
      return await client.jobs.wait(id, { timeoutMs, patienceMs: PATIENCE_MS, signal });
    } catch (error) {
      if (!(error instanceof WaitTimeout)) throw error;
      await call.progress(`${id} has not ended yet`);
    }
  }
}
