/** Columns as wide as what is in them, the last one as it comes. */
export function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const rows = [head, ...lines];
  const widths = head.slice(1).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return rows.map((row) => `${line(row)}\n`).join("");
}
