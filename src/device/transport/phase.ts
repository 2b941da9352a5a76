import type { Clock } from "../../core/clock.ts";
import { DeviceError } from "../../core/errors.ts";

/** One thing a connection waits for: bounded in time, and given up when `signal` aborts. */
export interface Phase {
  clock: Clock;
  signal: AbortSignal;
  /** `null`: only `signal` ends the wait. */
  seconds: number | null;
  /** Message of the `TimeoutError`, made when it is needed. */
  timeoutMessage(): string;
  /** Runs before the rejection: frees what the work holds. */
  giveUp(): void;
}

/** Waits for `work`; rejects with a `TimeoutError`, with the signal's reason, or as `work` does. */
export function within<T>(phase: Phase, work: Promise<T>): Promise<T> {
  const { signal } = phase;
  return new Promise<T>((resolve, reject) => {
    const stop = (error: unknown) => {
      release();
      phase.giveUp();
      reject(error);
    };
    const onAbort = () => stop(signal.reason);
    const timer =
      phase.seconds === null
        ? undefined
        : phase.clock.after(phase.seconds * 1000, () =>
            stop(new DeviceError("TimeoutError", phase.timeoutMessage())),
          );
    const release = () => {
      timer?.cancel();
      signal.removeEventListener("abort", onAbort);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    work.then((value) => {
      release();
      resolve(value);
    }, stop);
  });
}

/** What a promise comes to, or the signal's reason. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) return giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    const release = () => signal.removeEventListener("abort", giveUp);
    promise.finally(release).then(resolve, reject);
  });
}
