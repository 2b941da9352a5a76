type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A documented number written with a point: the live one may have a fraction, the others may not. */
class Fraction {}

/** The example of a JSON block, with what JSON.parse alone forgets. */
export function exampleOf(block: { text: string }): unknown {
  return JSON.parse(block.text, (_name, value: Json, context?: { source?: string }) =>
    typeof value === "number" && context?.source?.includes(".") ? new Fraction() : value,
  );
}

/** ISO-8601 with a numeric offset, as `2024-01-01T12:00:00+08:00`. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$/;

/**
 * Where a live answer departs from a documented example: a key that is missing, a value of another type
 * or format. Every element of a live list must look like the documented ones. Keys beyond the documented
 * are welcome. `mayBeNull` names, by path, what may be `null` although the example has a value.
 */
export function departures(
  documented: unknown,
  live: unknown,
  mayBeNull: readonly string[] = [],
  path = "",
): string[] {
  const inside = (name: string, expected: unknown, value: unknown) =>
    departures(expected, value, mayBeNull, path === "" ? name : `${path}.${name}`);
  if (documented === null) return live === undefined ? [`${path}: missing`] : [];
  if (live === null && mayBeNull.includes(path)) return [];
  const isNumber = documented instanceof Fraction && typeof live === "number";
  if (kindOf(documented) !== kindOf(live) && !isNumber) {
    return [`${path}: ${kindOf(documented)} is documented, ${kindOf(live)} found: ${JSON.stringify(live)}`];
  }
  if (Array.isArray(documented) && Array.isArray(live)) {
    return live.flatMap((element) => inside("[]", documented[0], element));
  }
  if (!isRecord(documented) || !isRecord(live)) return [];
  return Object.entries(documented).flatMap(([name, expected]) => inside(name, expected, live[name]));
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (value instanceof Fraction) return "a number";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string")
    return TIME.test(value) && !Number.isNaN(Date.parse(value)) ? "a time" : "text";
  return Number.isInteger(value) ? "a whole number" : `a ${typeof value}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Fraction);
}
