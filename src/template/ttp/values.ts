import { TemplateError } from "../../core/errors.ts";
import { Ip } from "../ip.ts";
import type { Parsed } from "../parser.ts";

/** What templates and functions work with. Dictionaries are maps: names may be those of JavaScript's objects. */
export type Value = string | number | boolean | null | Ip | Value[] | Dict;
export type Dict = Map<string, Value>;

/** Of lists and dictionaries in each other: what goes through them goes on a stack. */
const MAX_NESTING = 100;

export function isDict(value: Value | undefined): value is Dict {
  return value instanceof Map;
}

/** As JSON can say it: addresses become texts. */
export function toParsed(value: Value): Parsed {
  if (value instanceof Ip) return value.toString();
  if (Array.isArray(value)) return value.map(toParsed);
  if (isDict(value)) return Object.fromEntries([...value].map(([name, each]) => [name, toParsed(each)]));
  return value;
}

/** What JSON, YAML or a caller has given. What it shares becomes copies, at most `room` values in all. */
export function fromParsed(given: unknown, room: { values: number }, depth = 0): Value {
  if (--room.values < 0) throw new TemplateError("the data holds too many values");
  if (depth > MAX_NESTING) throw new TemplateError(`the data is nested more than ${MAX_NESTING} deep`);
  if (Array.isArray(given)) return given.map((each) => fromParsed(each, room, depth + 1));
  if (typeof given === "object" && given !== null) {
    return new Map(Object.entries(given).map(([name, each]) => [name, fromParsed(each, room, depth + 1)]));
  }
  return typeof given === "string" || typeof given === "number" || typeof given === "boolean" ? given : null;
}

export function copyOf(value: Value): Value {
  if (Array.isArray(value)) return value.map(copyOf);
  return isDict(value) ? new Map([...value].map(([name, each]) => [name, copyOf(each)])) : value;
}

/** Characters and elements; something even where nothing is. */
export function sizeOf(value: Value): number {
  if (typeof value === "string") return 1 + value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + sizeOf(each), 1);
  if (!isDict(value)) return 1;
  let sum = 1;
  for (const [name, each] of value) sum += name.length + sizeOf(each);
  return sum;
}

/** Python's `==`. */
export function isEqual(a: Value, b: Value): boolean {
  if (a instanceof Ip || b instanceof Ip) {
    return a instanceof Ip && b instanceof Ip && a.kind === b.kind && a.toString() === b.toString();
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((each, at) => isEqual(each, b[at] ?? null));
  }
  if (isDict(a)) {
    if (!isDict(b) || a.size !== b.size) return false;
    return [...a].every(([name, each]) => b.has(name) && isEqual(each, b.get(name) ?? null));
  }
  return numberOf(a) === numberOf(b);
}

function numberOf(value: Value): Value {
  return typeof value === "boolean" ? Number(value) : value;
}

/** Python's `str`. */
export function str(value: Value): string {
  return typeof value === "string" ? value : repr(value);
}

function repr(value: Value): string {
  if (typeof value === "string") return quoted(value);
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(repr).join(", ")}]`;
  if (isDict(value))
    return `{${[...value].map(([name, each]) => `${quoted(name)}: ${repr(each)}`).join(", ")}}`;
  return value.toString();
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inside = text.replace(/[\\\n\r\t]|[\x00-\x1f\x7f]/g, (char) => {
    const named = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" }[char];
    return named ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `${quote}${quote === "'" ? inside.replaceAll("'", "\\'") : inside}${quote}`;
}

/** What a value is called where it is of the wrong kind. */
export function kindOf(value: Value): string {
  if (value === null) return "None";
  if (Array.isArray(value)) return "a list";
  if (isDict(value)) return "a dictionary";
  if (value instanceof Ip) return `an IP ${value.kind}`;
  return { string: "a text", number: "a number", boolean: "a boolean" }[
    typeof value as "string" | "number" | "boolean"
  ];
}
