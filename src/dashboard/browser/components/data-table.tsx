import { useState } from "preact/hooks";

/** Records as a parser makes them, as a table; anything else as JSON. */
export function DataTable({ value }: { value: unknown }) {
  const records = recordsOf(value);
  if (records === null) return <pre class="output">{JSON.stringify(value, null, 2)}</pre>;
  if (records.length === 0) return <p class="muted pad">The parser found nothing in it.</p>;
  return <Records records={records} />;
}

type Row = Record<string, unknown>;

/** A list of objects, also where it is wrapped in lists of one, as TTP does. */
export function recordsOf(value: unknown): Row[] | null {
  if (!Array.isArray(value)) return isRow(value) ? [value] : null;
  if (value.every(isRow)) return value;
  return value.length === 1 ? recordsOf(value[0]) : null;
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const PAGE = 100;

function Records({ records }: { records: Row[] }) {
  const [shown, setShown] = useState(PAGE);
  const columns = [...new Set(records.flatMap(Object.keys))];
  return (
    <>
      <div class="table-wrap" tabIndex={-1}>
        <table class="data">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column}>{column}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {records.slice(0, shown).map((record, row) => (
              <tr key={row}>
                {columns.map((column) => (
                  <td key={column}>{cell(record[column])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {records.length > shown && (
        <button type="button" onClick={() => setShown(shown + PAGE)}>
          Show more of {records.length} rows
        </button>
      )}
    </>
  );
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value) && value.every((each) => typeof each !== "object")) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
