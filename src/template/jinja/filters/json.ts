import { TemplateError } from "../../../core/errors.ts";
import { type Filters, fromEngine, integer, isDict, isTrue, text, type Value } from "../value.ts";
import { bounded, padding } from "./bounds.ts";

/** Ansible's, and Jinja2's `tojson`. Written as Python's json module writes. */
export const JSON_FILTERS: Filters = {
  json: { run: (value) => dump(value) },
  to_json: {
    params: ["indent", "sort_keys"],
    run: (value, { indent, sort_keys }) => dump(value, indentOf(indent), isTrue(sort_keys)),
  },
  to_nice_json: {
    params: ["indent", "sort_keys"],
    run: (value, { indent = 4, sort_keys = true }) => dump(value, indentOf(indent), isTrue(sort_keys)),
  },
  tojson: {
    params: ["indent"],
    run: (value, { indent }) =>
      dump(value, indentOf(indent), true).replace(/[<>&']/g, (char) => codeOf(char.charCodeAt(0))),
  },
  from_json: { run: (value) => load(text(value)) },
};

function indentOf(value: Value): number | null {
  return value === undefined ? null : padding(Math.min(16, integer(value, "indent")));
}

function dump(value: Value, indent: number | null = null, sorted = false, depth = 0): string {
  if (value === undefined) return "null";
  if (Array.isArray(value)) {
    const items = value.map((each) => dump(each, indent, sorted, depth + 1));
    return enclosed("[", items, "]", indent, depth);
  }
  if (!isDict(value)) return typeof value === "string" ? ascii(JSON.stringify(value)) : JSON.stringify(value);
  const entries = Object.entries(value);
  if (sorted) entries.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  const items = entries.map(
    ([name, inner]) => `${ascii(JSON.stringify(name))}: ${dump(inner, indent, sorted, depth + 1)}`,
  );
  return enclosed("{", items, "}", indent, depth);
}

function enclosed(
  open: string,
  items: string[],
  close: string,
  indent: number | null,
  depth: number,
): string {
  if (items.length === 0 || indent === null) return bounded(`${open}${items.join(", ")}${close}`);
  const line = (level: number) => `\n${" ".repeat(padding(indent * level))}`;
  return bounded(`${open}${items.map((item) => line(depth + 1) + item).join(",")}${line(depth)}${close}`);
}

/** Python writes what is not ASCII as escapes. */
function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (char) => codeOf(char.charCodeAt(0)));
}

function codeOf(code: number): string {
  return code === 0x7f ? "\x7f" : `\\u${code.toString(16).padStart(4, "0")}`;
}

function load(json: string): Value {
  try {
    return fromEngine(JSON.parse(json));
  } catch (error) {
    throw new TemplateError("the text is no JSON", { cause: error });
  }
}
