import type { Clock } from "../core/clock.ts";
import { StorageError } from "../core/errors.ts";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/**
 * Repeats a storage call until the store answers, with growing pauses; other errors pass through. The
 * call must be idempotent (same operation id or token each time). Null when `signal` aborts first.
 */
export async function untilStored<T>(
  clock: Clock,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T | null> {
  for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StorageError) || error.kind !== "unavailable") throw error;
    }
    await passed(clock, pause, signal);
  }
  return null;
}

function passed(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
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
