import type { Clock } from "../core/clock.ts";
import type { RandomBytes } from "../core/ids.ts";

/** Waits; rejects with the signal's reason when that aborts first. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** A signal that aborts with the caller's, and when time is over; `restart` gives it the whole time again. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly passed: boolean;
  restart(): void;
  end(): void;
}

export function deadline(clock: Clock, ms: number, signal?: AbortSignal): Deadline {
  const late = new AbortController();
  const start = () => clock.after(ms, () => late.abort());
  let timer = start();
  return {
    signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
    get passed() {
      return late.signal.aborted;
    },
    restart() {
      timer.cancel();
      timer = start();
    },
    end: () => timer.cancel(),
  };
}

/** From 0 up to, not including, 1. */
export function fraction(random: RandomBytes): number {
  const bytes = new Uint8Array(4);
  random(bytes);
  return new DataView(bytes.buffer).getUint32(0) / 2 ** 32;
}

/** 128 random bits. `crypto.randomUUID` is missing on pages that came without TLS. */
export function randomKey(random: RandomBytes): string {
  const bytes = new Uint8Array(16);
  random(bytes);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
