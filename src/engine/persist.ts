import type { Clock } from "../core/clock.ts";
import { StorageError } from "../core/errors.ts";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/**
 * Repeats a storage call until the store answers, with growing pauses; other errors pass through. The
 * call must be idempotent (same operation id or token each time). It is tried once in any case; null
 * when `signal` has aborted and the store still does not answer.
 */
export async function untilStored<T>(
  clock: Clock,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T | null> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StorageError) || error.kind !== "unavailable") throw error;
    }
    if (signal.aborted) return null;
    await passed(clock, pause, signal);
  }
}

/** Resolves after `ms`, or when `signal` aborts. */
export function passed(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.after(ms, done);
    signal.addEventListener("abort", done, { once: true });
  });
}
