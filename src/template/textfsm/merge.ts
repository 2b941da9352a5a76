import { TemplateError } from "../../core/errors.ts";
import type { Field } from "./cell.ts";
import type { Table } from "./run.ts";

/**
 * Adds the columns that only `more` has, as clitable does for the second of two templates: to the row with
 * the same keys, or by position where neither template has keys. What finds no row of `table` is dropped.
 */
export function extendTable(table: Table, more: Table): Table {
  const keys = table.keys.length > 0 ? table.keys : more.keys;
  for (const key of keys) {
    if (!table.header.includes(key) || !more.header.includes(key)) {
      throw new TemplateError(
        `the key ${key} is not a value of every template; merged ones share their keys`,
      );
    }
  }
  const added = more.header.filter((name) => !table.header.includes(name));
  const find = keys.length > 0 ? byKeys(table, more, keys) : (_row: Field[], at: number) => more.rows[at];
  const columns = added.map((name) => more.header.indexOf(name));
  return {
    header: [...table.header, ...added],
    keys,
    rows: table.rows.map((row, at) => {
      const other = find(row, at);
      return [...row, ...columns.map((column) => other?.[column] ?? "")];
    }),
  };
}

/** The first row of `more` whose keys are those of a row of `table`. A map: rows times rows could be 10^10. */
function byKeys(table: Table, more: Table, keys: readonly string[]): (row: Field[]) => Field[] | undefined {
  const keyOf = (from: Table, row: Field[]) =>
    JSON.stringify(keys.map((key) => row[from.header.indexOf(key)]));
  const rows = new Map<string, Field[]>();
  for (const row of more.rows) {
    const key = keyOf(more, row);
    if (!rows.has(key)) rows.set(key, row);
  }
  return (row) => rows.get(keyOf(table, row));
}
