import { type Static, type TObject, type TSchema, Type } from "@sinclair/typebox";
import type { FieldError } from "../core/errors.ts";
import { invalidFields } from "./http-error.ts";
import { type Shape, shape } from "./shape.ts";

/** The query parameter that may carry the API key on any route. */
const KEY_PARAMETER = "x-api-key";

/** The query of a route that takes none: what is put there by mistake is refused. */
export const noQuery = shape(Type.Object({}, { additionalProperties: false }));

/**
 * The query of a URL as its shape says. Refuses, all at once, unknown parameters (a mistyped filter must
 * not widen), repeated ones, wrong values, and what `check` finds beyond the schema.
 */
export function readQuery<S extends TObject>(
  url: string,
  shape: Shape<S>,
  check: (values: Partial<Static<S>>) => FieldError[] = noErrors,
): Static<S> {
  const { values, repeated } = parse(url, shape.schema.properties);
  if (repeated.length === 0 && shape.fits(values)) {
    const wrong = check(values);
    if (wrong.length === 0) return values;
    throw invalidFields(wrong);
  }
  const errors = [...repeated.map(givenTwice), ...shape.errors(values, "query").map(asParameter)];
  throw invalidFields([...errors, ...check(withoutWrong(values, errors) as Partial<Static<S>>)]);
}

function noErrors(): FieldError[] {
  return [];
}

function parse(url: string, properties: Record<string, TSchema>) {
  const values: Record<string, unknown> = Object.create(null);
  const repeated: string[] = [];
  const start = url.indexOf("?");
  if (start < 0) return { values, repeated };
  for (const [name, text] of new URLSearchParams(url.slice(start + 1))) {
    if (name.toLowerCase() === KEY_PARAMETER) continue;
    if (name in values) repeated.push(name);
    else values[name] = coerce(text, Object.hasOwn(properties, name) ? properties[name] : undefined);
  }
  return { values, repeated };
}

/** Text stays text where it is no number or truth value: the schema then refuses it by name. */
function coerce(text: string, schema: TSchema | undefined): unknown {
  switch (schema?.type) {
    case "integer":
      return /^\d{1,15}$/.test(text) ? Number(text) : text;
    case "number":
      return /^\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text;
    case "boolean":
      return text === "true" || text === "false" ? text === "true" : text;
    default:
      return text;
  }
}

function asParameter({ loc, msg }: FieldError): FieldError {
  return { loc, msg: msg.replace(/^unknown field/, "unknown parameter") };
}

function givenTwice(name: string): FieldError {
  return { loc: ["query", name], msg: "is given more than once; keep one" };
}

function withoutWrong(values: Record<string, unknown>, errors: FieldError[]): Record<string, unknown> {
  const wrong = new Set(errors.map(({ loc }) => loc[1]));
  return Object.fromEntries(Object.entries(values).filter(([name]) => !wrong.has(name)));
}
