/**
 * The first value of `look` that is not null. For what nobody announces (an operating system's process
 * table, say): looks again every 20 ms, and rejects at the deadline with what it waited for.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | null> | T | null,
  deadline = 10_000,
): Promise<T> {
  const end = performance.now() + deadline;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() >= end) throw new Error(`waited ${deadline} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
