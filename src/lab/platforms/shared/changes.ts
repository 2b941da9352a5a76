/** Lines that only one of two texts has, marked `-` and `+`, as devices show what a candidate would change. */
export function changedLines(before: readonly string[], after: readonly string[], gap = " "): string[] {
  const [old, fresh] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !fresh.has(line)).map((line) => `-${gap}${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+${gap}${line}`),
  ];
}
