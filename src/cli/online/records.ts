import type { Screen } from "./screen.ts";

type Record_ = Record<string, unknown>;

/** What a parser made of a text: a table where it is records, else JSON. Answers with how many there are. */
export function showParsed(screen: Screen, value: unknown): number {
  const records = recordsOf(value);
  const flat = records.every((record) => Object.values(record).every(isCell));
  if (screen.format === "json" || (screen.format === "people" && !flat)) screen.json(value);
  else screen.list(records, columnsOf(records), "nothing was found");
  return records.length;
}

/** The objects in lists of lists; what is none of them becomes one. */
function recordsOf(value: unknown): Record_[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap(recordsOf);
  return [typeof value === "object" ? (value as Record_) : { value }];
}

/** Lists of plain values, as TextFSM makes them, have room in a cell. */
function isCell(value: unknown): boolean {
  return isPlain(value) || (Array.isArray(value) && value.every(isPlain));
}

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

function columnsOf(records: readonly Record_[]) {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return names.map((name) => ({ name, of: (record: Record_) => cellOf(record[name]) }));
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value) && value.every(isPlain)) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
