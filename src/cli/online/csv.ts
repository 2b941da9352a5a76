import { usage } from "./exit.ts";

/** A line of RFC 4180. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map((cell) => quoted(String(cell ?? ""))).join(",")}\r\n`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What parts cells: a spreadsheet whose decimals have commas writes semicolons, and copies tabs. */
const CELLS = {
  ",": /("((?:[^"]|"")*)("|$)|([^",\r\n][^,\r\n]*|))(,|\r\n|\n|\r|$)/y,
  ";": /("((?:[^"]|"")*)("|$)|([^";\r\n][^;\r\n]*|))(;|\r\n|\n|\r|$)/y,
  "\t": /("((?:[^"]|"")*)("|$)|([^"\t\r\n][^\t\r\n]*|))(\t|\r\n|\n|\r|$)/y,
} as const;

/** Rows of cells, quotes taken off. Throws for a quote that does not end, with its line. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const separator = separatorOf(text);
  const cell = CELLS[separator];
  cell.lastIndex = text.startsWith("\uFEFF") ? 1 : 0;
  while (cell.lastIndex < text.length) {
    const line = rows.length + 1;
    const found = cell.exec(text);
    if (found === null) throw usage(`CSV, row ${line}: there is text behind a closing quote`);
    const [, , inQuotes, close, plain = "", end] = found;
    if (inQuotes !== undefined && close === "") throw usage(`CSV, row ${line}: a quote does not end`);
    row.push(inQuotes === undefined ? plain.trim() : inQuotes.replaceAll('""', '"'));
    if (end === separator) {
      if (cell.lastIndex === text.length) row.push("");
      continue;
    }
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows.filter((cells) => cells.some((each) => each !== ""));
}

/** Of the first line, which holds names. */
function separatorOf(text: string): keyof typeof CELLS {
  const [head = ""] = text.split(/[\r\n]/, 1);
  if (head.includes(",")) return ",";
  return head.includes(";") ? ";" : head.includes("\t") ? "\t" : ",";
}
