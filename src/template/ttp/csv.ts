import { TemplateError } from "../../core/errors.ts";
import type { Dict, Value } from "./values.ts";
import type { XmlText } from "./xml.ts";

/** Rows by the value of their column `key`, by default the first; as Python's `csv` takes lines apart. */
export function loadCsv(lines: readonly XmlText[], key: string | null): Dict {
  const [head, ...rows] = lines.filter(({ text }) => text.trim() !== "");
  const table: Dict = new Map();
  if (head === undefined) return table;
  const names = fieldsOf(head);
  const at = key === null ? 0 : names.indexOf(key);
  if (at < 0) throw new TemplateError(`there is no column ${key}`, { line: head.line });
  for (const row of rows) {
    const fields = fieldsOf(row);
    const id = fields[at];
    if (id === undefined || fields.length > names.length) {
      throw new TemplateError(`the row has ${fields.length} fields, the head ${names.length}`, {
        line: row.line,
      });
    }
    const named = fields.map((field, column): [string, Value] => [names[column] ?? "", field]);
    table.set(id, new Map(named.filter((_, column) => column !== at)));
  }
  return table;
}

const FIELD = /(?:"((?:[^"]|"")*)"([^,]*)|([^,]*))(,|$)/y;

function fieldsOf({ text, line }: XmlText): string[] {
  const fields: string[] = [];
  FIELD.lastIndex = 0;
  for (let end = ","; end === ","; ) {
    const found = FIELD.exec(text);
    const [, quoted, rest = "", plain = ""] = found ?? [];
    if (found === null || (quoted === undefined && plain.startsWith('"'))) {
      throw new TemplateError("a quoted field is not closed", { line });
    }
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"') + rest);
    end = found[4] ?? "";
  }
  return fields;
}
