/** The first and the second request to stop: Ctrl-C, SIGTERM, or a terminal that went away. */
export function untilSignal(): { first: Promise<void>; second: Promise<void> } {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let seen = 0;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      seen += 1;
      (seen === 1 ? first : second).resolve();
    });
  }
  return { first: first.promise, second: second.promise };
}
