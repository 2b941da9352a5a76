import { fit, oneLine, type Paint, pad, painted } from "./text.ts";

/** A column of a listing. */
export interface Column<T> {
  /** Of the CSV, and above a table in capitals. */
  name: string;
  of(row: T): string | number | null;
  paint?(row: T): Paint | null;
  /** In a table, where it can be shorter than what programs get. */
  brief?(row: T): string;
  /** Never cut in a table: it is there to be copied. */
  whole?: boolean;
}

/** A table as wide as the room there is, its heading first. */
export function tableLines<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  { room, color }: { room: number; color: boolean },
): string[] {
  const heads = columns.map(({ name }) => name.toUpperCase().replaceAll("_", " "));
  const cells = rows.map((row) =>
    columns.map((column) => (column.brief ? oneLine(column.brief(row)) : cellOf(column, row))),
  );
  const widths = widthsOf([heads, ...cells], room, (at) => columns[at]?.whole === true);
  const line = (texts: string[], paint: (column: number) => Paint | null) =>
    texts
      .map((text, at) => {
        const width = widths[at] ?? 0;
        return painted(pad(fit(text, width), at === texts.length - 1 ? 0 : width), paint(at), color);
      })
      .join("  ");
  return [
    line(heads, () => "bold"),
    ...rows.map((row, n) => line(cells[n] ?? [], (at) => columns[at]?.paint?.(row) ?? null)),
  ];
}

export function cellOf<T>(column: Column<T>, row: T): string {
  return oneLine(String(column.of(row) ?? ""));
}

/** Each as wide as its longest cell; where that is too much, the widest give way that may be cut. */
function widthsOf(lines: readonly string[][], room: number, isWhole: (at: number) => boolean): number[] {
  const widths = (lines[0] ?? []).map((_, at) =>
    Math.max(...lines.map((line) => Bun.stringWidth(line[at] ?? ""))),
  );
  const gaps = 2 * (widths.length - 1);
  for (let over = sum(widths) + gaps - room; over > 0; over--) {
    const most = Math.max(...widths.filter((_, at) => !isWhole(at)));
    if (most <= NARROWEST) break;
    const widest = widths.findIndex((width, at) => width === most && !isWhole(at));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

const NARROWEST = 8;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
