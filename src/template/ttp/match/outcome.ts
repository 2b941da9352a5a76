import { TemplateError } from "../../../core/errors.ts";
import type { Bound } from "../functions.ts";
import type { Scope } from "../scope.ts";
import { type Dict, kindOf, type Value } from "../values.ts";

/** What a function makes of a match: another value, a verdict on it, or more fields beside it. */
export type Outcome = { value: Value } | { passed: boolean } | { fields: Dict };

export interface MatchFunction {
  /** As `bind` reads it. */
  params: string;
  /** Texts among its arguments that name a variable of the template stand for that. */
  fromVars?: boolean;
  /** Refuses wrong arguments before there is a match. */
  check?(args: Bound, vars: Dict): void;
  run(value: Value, args: Bound, scope: Scope): Outcome;
}

export type MatchFunctions = Readonly<Record<string, MatchFunction>>;

export function field(name: string, value: Value): Outcome {
  return { fields: new Map([[name, value]]) };
}

/** What was found goes in place of the match, or beside it. */
export function found(value: Value | undefined, match: Value, addField: string | null): Outcome {
  if (value === undefined) return { value: match };
  return addField === null ? { value } : field(addField, value);
}

export function text(value: Value): string {
  if (typeof value !== "string") throw new TemplateError(`it works on a text, not on ${kindOf(value)}`);
  return value;
}

/** Steps that it takes to look at a value once. */
export function workOn(value: Value): number {
  const size = typeof value === "string" || Array.isArray(value) ? value.length : 1;
  return 1 + (size >> 3);
}
