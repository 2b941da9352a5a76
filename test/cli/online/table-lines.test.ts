import { describe, expect, test } from "bun:test";
import { type Column, tableLines } from "../../../src/cli/online/table-lines.ts";
import { briefTime } from "../../../src/cli/online/text.ts";

interface Row {
  id: string;
  why: string;
  at: string;
}

const columns: Column<Row>[] = [
  { name: "id", of: ({ id }) => id, whole: true },
  { name: "why_not", of: ({ why }) => why, paint: () => "red" },
  { name: "at", of: ({ at }) => at, brief: ({ at }) => briefTime(at) },
];
const rows: Row[] = [
  { id: "job_0123456789abcdef", why: "no route\nto the host at all", at: "2024-01-01T12:00:00.123+08:00" },
];

describe("a table", () => {
  test("is as wide as what is in it, where there is room", () => {
    expect(tableLines(rows, columns, { room: 100, color: false })).toEqual([
      "ID                    WHY NOT                      AT",
      "job_0123456789abcdef  no route to the host at all  2024-01-01 12:00:00",
    ]);
  });

  test("cuts what is widest, but nothing that is to be copied", () => {
    const [, line = ""] = tableLines(rows, columns, { room: 63, color: false });
    expect(line).toBe("job_0123456789abcdef  no route to the hos…  2024-01-01 12:00:00");
    expect(Bun.stringWidth(line)).toBe(63);
    const [, narrow = ""] = tableLines(rows, columns, { room: 20, color: false });
    expect(narrow).toBe("job_0123456789abcdef  no rout…  2024-01…");
  });

  test("paints cells and headings", () => {
    const [head = "", line = ""] = tableLines(rows, columns, { room: 63, color: true });
    expect(head).toStartWith("\x1b[1mID                  \x1b[0m  ");
    expect(line).toContain("\x1b[31mno route to the hos…\x1b[0m");
  });
});
