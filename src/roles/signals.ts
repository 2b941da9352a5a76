/** Requests to stop, one more urgent than the other: Ctrl-C, SIGTERM, or a terminal that went away. */
export interface StopRequests {
  first: Promise<void>;
  /** Aborts with the second. */
  second: AbortSignal;
  third: Promise<void>;
}

export function stopRequests(): StopRequests {
  const first = Promise.withResolvers<void>();
  const second = new AbortController();
  const third = Promise.withResolvers<void>();
  const steps = [first.resolve, () => second.abort(), third.resolve];
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => steps.shift()?.());
  return { first: first.promise, second: second.signal, third: third.promise };
}
