import { parseCsv } from "./csv.ts";
import { argument, type DriverHint } from "./drivers.ts";
import { usage } from "./exit.ts";
import { isOldWorkbook, isWorkbook, readWorkbook } from "./xlsx.ts";

/** A device as a list names it: what of `connection_args` is its own, and its own command or configuration. */
export interface ListedDevice {
  args: Record<string, unknown> & { host: string };
  command?: string | string[];
  config?: string | string[];
  /** As the request has it; the API judges it. */
  credential?: unknown;
  /** Of `--group-by`; empty where it has none. */
  group: string;
}

type Row = Record<string, unknown>;

export interface ReadOptions {
  hint: DriverHint | undefined;
  groupBy?: string | undefined;
  /** Of a workbook. */
  sheet?: string | undefined;
}

/** Devices of a CSV or a sheet with a line of names on top, or of a JSON list. */
export async function readDevices(
  bytes: Uint8Array,
  { hint, groupBy, sheet }: ReadOptions,
): Promise<ListedDevice[]> {
  const rows = await rowsOf(bytes, hint, sheet);
  if (rows.length === 0) throw usage("the list names no device");
  if (groupBy !== undefined && !rows.some((row) => groupBy in row)) {
    throw usage(`no device has "${groupBy}", which --group-by names`);
  }
  return rows.map((row, at) => deviceOf(row, at + 1, groupBy, hint));
}

async function rowsOf(
  bytes: Uint8Array,
  hint: DriverHint | undefined,
  sheet: string | undefined,
): Promise<Row[]> {
  if (isOldWorkbook(bytes)) throw usage("the list is a workbook of Excel before 2007; save it as .xlsx");
  if (isWorkbook(bytes)) return tableRows(await readWorkbook(bytes, sheet), hint);
  if (sheet !== undefined) throw usage("--sheet is for a list that is a workbook (.xlsx)");
  const text = new TextDecoder().decode(bytes);
  return /^\s*[[{]/.test(text) ? jsonRows(text) : tableRows(parseCsv(text), hint);
}

function tableRows([names = [], ...lines]: string[][], hint: DriverHint | undefined): Row[] {
  const twice = names.find((name, at) => name !== "" && names.indexOf(name) !== at);
  if (twice !== undefined) throw usage(`the list has two columns "${twice}"`);
  if (!names.includes("host")) throw usage(`the first line names the columns, and "host" is not among them`);
  return lines.map((cells, at) => {
    if (cells.length > names.length) throw usage(`device ${at + 1} has more cells than there are columns`);
    const given = names
      .map((name, column): [string, string] => [name, cells[column] ?? ""])
      .filter(([, cell]) => cell !== "");
    if (given.some(([name]) => name === ""))
      throw usage(`device ${at + 1} has a cell in a column without a name`);
    return Object.fromEntries(given.map(([name, cell]) => [name, typed(name, cell, hint)]));
  });
}

/** Text as its argument has it; a column that is no argument may be there for `--group-by`. */
function typed(name: string, cell: string, hint: DriverHint | undefined): unknown {
  const known = hint?.connectionArgs.properties[name] !== undefined;
  return known ? argument(hint?.connectionArgs, name, cell) : cell;
}

function jsonRows(text: string): Row[] {
  const value = parseJson(text);
  const rows: unknown = Array.isArray(value) ? value : isRow(value) ? value.devices : null;
  if (Array.isArray(rows) && rows.every(isRow)) return rows;
  throw usage("JSON holds a list of objects, or one under devices");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words may quote a password.
    throw usage("the list is no valid JSON");
  }
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function deviceOf(
  row: Row,
  place: number,
  groupBy: string | undefined,
  hint: DriverHint | undefined,
): ListedDevice {
  const { command, config, credential, ...args } = row;
  const group = groupBy === undefined ? "" : String(row[groupBy] ?? "");
  const known = hint?.connectionArgs.properties;
  if (groupBy !== undefined && known !== undefined && !(groupBy in known)) delete args[groupBy];
  for (const name of Object.keys(args)) {
    // Only for its answer to what is mistyped.
    if (known !== undefined && !(name in known)) argument(hint?.connectionArgs, name, "");
  }
  const { host } = args;
  if (typeof host !== "string" || host === "") throw usage(`device ${place} has no host`);
  return {
    args: { ...args, host },
    group,
    ...(command !== undefined && { command: operation(command, place) }),
    ...(config !== undefined && { config: operation(config, place) }),
    ...(credential !== undefined && { credential }),
  };
}

function operation(value: unknown, place: number): string | string[] {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value;
  throw usage(`device ${place}: command and config are text, or a list of texts`);
}

/** In the order in which they first come. */
export function groupsOf(devices: readonly ListedDevice[]): Map<string, ListedDevice[]> {
  return Map.groupBy(devices, ({ group }) => group);
}
