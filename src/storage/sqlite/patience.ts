import type { Clock } from "../../core/clock.ts";
import { busyError, isBusy, translated } from "./errors.ts";

/** How long a call waits for another process to let go of the file before it fails as unavailable. */
export const PATIENCE_MS = 5_000;

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 25;

/** The pause before the attempt after the `attempt`th: SQLite has no queue of waiters, so all we can do is ask again. */
export function pauseMs(attempt: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
}

export interface Patience {
  path: string;
  clock: Clock;
}

/**
 * Runs something that may find the file locked, again and again, without ever blocking the event loop: SQLite's
 * own busy time-out sleeps inside the call.
 */
export async function patiently<R>({ path, clock }: Patience, attempt: () => R): Promise<R> {
  const since = clock.monotonic();
  for (let n = 0; ; n++) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw translated(error, path);
      const waited = clock.monotonic() - since;
      if (waited >= PATIENCE_MS) throw busyError(path, waited);
      await new Promise<void>((resume) => clock.after(pauseMs(n), resume));
    }
  }
}

/** Lets everything else that is ready run first. Between the slices of long work. */
export function breathe(): Promise<void> {
  return new Promise((resume) => setImmediate(resume));
}
