import { Type } from "@sinclair/typebox";
import { canonicalHost } from "../core/device.ts";
import type { FieldError } from "../core/errors.ts";
import type { TimeFormat } from "./time.ts";

/** The most entries of a page, and how many it has when the request does not say. */
export const MAX_LIMIT = 1000;

/** A filter: an empty one is refused, as a script's unset variable must not widen what is asked for. */
export function textParameter(description: string, example: string) {
  return Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 512,
      description,
      examples: [example],
      expected: "1 to 512 characters",
    }),
  );
}

export function oneOf<const T extends readonly string[]>(values: T, description?: string) {
  return Type.Union(
    values.map((value) => Type.Literal(value as T[number])),
    description === undefined ? {} : { description },
  );
}

export function flag(description: string, byDefault: boolean) {
  return Type.Optional(Type.Boolean({ default: byDefault, description, expected: "true or false" }));
}

export const limitParameter = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: MAX_LIMIT,
    default: MAX_LIMIT,
    description: "Entries of a page at most.",
    expected: `an integer from 1 to ${MAX_LIMIT}`,
  }),
);

export const cursorParameter = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 1024,
    description: "`pagination.next_cursor` of the page before, with the same filters and order.",
    examples: ["eyJ2IjoxLCJsIjoiM3E4d2Q1IiwiYWZ0ZXIiOjQyfQ"],
    expected: "the next_cursor of the page before",
  }),
);

/** What the schema cannot say about a `host` filter. */
export function checkHost({ host }: { host?: string }): FieldError[] {
  if (host === undefined || canonicalHost(host) !== null) return [];
  return [{ loc: ["query", "host"], msg: "is neither a host name nor an IP address" }];
}

/** What the schema cannot say about moments. */
export function checkTimes(values: { since?: string; until?: string }, time: TimeFormat): FieldError[] {
  return (["since", "until"] as const).flatMap((name) => {
    const text = values[name];
    return text === undefined || time.parse(text) !== null ? [] : [noTime(name)];
  });
}

function noTime(name: string): FieldError {
  return { loc: ["query", name], msg: "is not a time; give ISO-8601, as 2024-01-01T12:00:00%2B08:00" };
}
