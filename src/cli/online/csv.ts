import { usage } from "./exit.ts";

/** A line of RFC 4180. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map((cell) => quoted(String(cell ?? ""))).join(",")}\r\n`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows of cells, quotes taken off. Throws for a quote that does not end, with its line. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /("((?:[^"]|"")*)("|$)|([^",\r\n][^,\r\n]*|))(,|\r\n|\n|\r|$)/y;
  cell.lastIndex = text.startsWith("\uFEFF") ? 1 : 0;
  while (cell.lastIndex < text.length) {
    const line = rows.length + 1;
    const found = cell.exec(text);
    if (found === null) throw usage(`CSV, row ${line}: there is text behind a closing quote`);
    const [, , inQuotes, close, plain = "", end] = found;
    if (inQuotes !== undefined && close === "") throw usage(`CSV, row ${line}: a quote does not end`);
    row.push(inQuotes === undefined ? plain.trim() : inQuotes.replaceAll('""', '"'));
    if (end === ",") {
      if (cell.lastIndex === text.length) row.push("");
      continue;
    }
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows.filter((cells) => cells.some((each) => each !== ""));
}
