import { TemplateError } from "../../core/errors.ts";
import type { Budget, PythonRegex } from "../../python-regex/regex.ts";
import { Subject } from "../../python-regex/subject.ts";
import { compileRegex } from "../compile-regex.ts";
import { templateLines, trim } from "../lines.ts";

/** What is looked for in an index, by column: `Platform`, `Command`, … */
export type Attributes = Readonly<Record<string, string>>;

interface Row {
  /** File names with colons between them. */
  templates: string;
  /** Absent where the column is empty: it then fits everything. */
  patterns: ReadonlyMap<string, PythonRegex>;
}

/** Which template is for which platform's command: an `index` as ntc-templates has it, read as clitable does. */
export class TemplateIndex {
  readonly #rows: readonly Row[];

  /** Throws `TemplateError` with the line of the index. */
  constructor(text: string) {
    this.#rows = readRows(text);
  }

  /** The templates of the first row that fits, in the order of the index; null when none does. */
  find(attributes: Attributes, budget: Budget): string[] | null {
    const wanted = Object.entries(attributes).map(([name, text]) => [name, new Subject(text)] as const);
    const row = this.#rows.find(({ patterns }) =>
      wanted.every(([name, subject]) => patterns.get(name)?.match(subject, budget) !== null),
    );
    return row === undefined ? null : row.templates.split(":");
  }
}

function readRows(text: string): Row[] {
  const lines = templateLines(text);
  const head = lines.findIndex((line) => beforeComment(line) !== "");
  const columns =
    head < 0
      ? []
      : beforeComment(lines[head] ?? "")
          .split(",")
          .map(trim);
  const line = head < 0 ? null : head + 1;
  if (new Set(columns).size < columns.length) throw new TemplateError("a column is named twice", { line });
  const template = columns.indexOf("Template");
  if (template < 0) throw new TemplateError("the index has no column Template", { line });
  const patterns = new Patterns();
  return lines.flatMap((line, at) => {
    if (at <= head || line.startsWith("#")) return [];
    const cells = line.split(",").map(trim);
    // As clitable: blank lines, and those with a comma too many, are passed over.
    if (cells.length !== columns.length) return [];
    return [{ templates: cells[template] ?? "", patterns: patterns.of(columns, cells, at + 1) }];
  });
}

function beforeComment(line: string): string {
  return trim(line.split("#", 1)[0] ?? "");
}

/** Regexes by their text: an index has few platforms in a thousand rows. */
class Patterns {
  readonly #made = new Map<string, PythonRegex>();

  of(columns: readonly string[], cells: readonly string[], line: number): Map<string, PythonRegex> {
    const patterns = new Map<string, PythonRegex>();
    for (const [at, column] of columns.entries()) {
      const cell = cells[at] ?? "";
      const text = column === "Command" ? complete(cell) : cell;
      if (column !== "Template" && text !== "") patterns.set(column, this.#make(text, line));
    }
    return patterns;
  }

  #make(text: string, line: number): PythonRegex {
    const made = this.#made.get(text) ?? compileRegex(text, line);
    this.#made.set(text, made);
    return made;
  }
}

/** `sh[[ow]]` fits `sh`, `sho` and `show`. */
function complete(command: string): string {
  return command.replace(/\[\[(.+?)\]\]/g, (_all, rest: string) => {
    const letters = Array.from(rest);
    return `(${letters.join("(")}${")?".repeat(letters.length)}`;
  });
}
