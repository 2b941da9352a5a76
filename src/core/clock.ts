/** A pending call made by {@link Clock.after}; `cancel` is idempotent and safe after it has fired. */
export interface Timer {
  /** From now on `run` is not called any more. */
  cancel(): void;
}

/**
 * Time as the rest of the program sees it. Injected everywhere, so tests and the simulator own it.
 */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. It may step; use it only for what people read. */
  now(): number;
  /** Milliseconds that never step or run backwards, from an arbitrary origin of this process. */
  monotonic(): number;
  /** Calls `run` once, no earlier than `ms` milliseconds from now. */
  after(ms: number, run: () => void): Timer;
}

/** The machine's own time. Timers do not keep the process alive by themselves. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const handle = setTimeout(run, ms);
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};

/** The same where a pending timer is work to be done, which keeps the process alive; in browsers too. */
export const wakefulClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const handle = setTimeout(run, ms);
    return { cancel: () => clearTimeout(handle) };
  },
};
