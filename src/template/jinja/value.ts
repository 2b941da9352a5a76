import { TemplateError } from "../../core/errors.ts";

/** What a template's values are for a filter of ours: undefined stands for `none` as well. */
export type Value = string | number | boolean | undefined | Value[] | { [name: string]: Value };
export type Dict = { [name: string]: Value };

/** What a filter is given, by its parameters' names. */
export type Args = Readonly<Record<string, Value>>;

export interface Filter {
  /** Names of what stands in the parentheses, in their order. */
  params?: readonly string[];
  /** Any number of arguments, named `0`, `1` and so on, and any names. */
  variadic?: true;
  /** Takes what is undefined or `none`. */
  takesNothing?: true;
  run(value: Value, args: Args): Value;
}

export type Filters = Readonly<Record<string, Filter>>;

/** As the engine hands values over: objects come as maps. */
export function fromEngine(given: unknown): Value {
  if (given instanceof Map)
    return dictOf([...given].map(([name, value]) => [String(name), fromEngine(value)]));
  if (Array.isArray(given)) return given.map(fromEngine);
  if (typeof given === "bigint") return Number(given);
  if (given === null || given === undefined) return undefined;
  if (typeof given === "string" || typeof given === "number" || typeof given === "boolean") return given;
  return isDict(given as Value)
    ? dictOf(Object.entries(given).map(([name, value]) => [name, fromEngine(value)]))
    : undefined;
}

/** Without a prototype: a name such as `__proto__` is one like any other. */
export function dictOf(entries: Iterable<readonly [string, Value]>): Dict {
  const dict: Dict = Object.create(null);
  for (const [name, value] of entries) dict[name] = value;
  return dict;
}

export function isDict(value: Value): value is Dict {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text, a number or a truth value as text; there is none of a list or an object. */
export function text(value: Value, what = "the value"): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new TemplateError(`${what} ${kindOf(value)} where text is needed`);
}

export function list(value: Value, what = "the value"): Value[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return [...value];
  if (isDict(value)) return Object.keys(value);
  throw new TemplateError(`${what} ${kindOf(value)} where a list is needed`);
}

export function dict(value: Value, what = "the value"): Dict {
  if (isDict(value)) return value;
  throw new TemplateError(`${what} ${kindOf(value)} where an object is needed`);
}

export function integer(value: Value, what: string): number {
  const number = typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number)) return number;
  throw new TemplateError(`${what} ${kindOf(value)} where an integer is needed`);
}

/** Python's truth. */
export function isTrue(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isDict(value) ? Object.keys(value).length > 0 : Boolean(value);
}

/** Completes "the value …". */
function kindOf(value: Value): string {
  if (value === undefined) return "is undefined or none";
  if (Array.isArray(value)) return "is a list";
  return isDict(value) ? "is an object" : `is a ${typeof value}`;
}
