import type { FieldError } from "./errors.ts";
import { nearest } from "./nearest.ts";

/** The part of a JSON-schema validator's error that we need; TypeBox's `ValueError` fits. */
export interface SchemaError {
  /** JSON pointer, `/connection_args/port`. */
  path: string;
  message: string;
  /**
   * The schema that was violated; for an unexpected property, its parent's. Its keyword `expected` ends
   * the sentence "must be …" where the validator's own words would not say it well; `refused` says of
   * properties that are known and not taken why not.
   */
  schema: Record<string, unknown>;
  /** The value that is wrong: looked at for its type, never shown. */
  value?: unknown;
  /** Of a union: what each branch finds wrong. */
  errors?: Iterable<SchemaError>[];
}

const UNEXPECTED = "Unexpected property";
const MAX_FIELDS = 100;

/**
 * One `FieldError` per wrong field, with the way out and never with the value: an unknown field names
 * the nearest valid one. At most 100.
 */
export function fieldErrors(errors: Iterable<SchemaError>, root: FieldError["loc"] = []): FieldError[] {
  const byPath = new Map<string, FieldError>();
  for (const error of unfolded(errors)) {
    if (byPath.has(error.path)) continue; // the first error of a field is the one that explains it
    if (byPath.size >= MAX_FIELDS) break;
    byPath.set(error.path, { loc: [...root, ...segments(error.path)], msg: explain(error) });
  }
  return [...byPath.values()];
}

/** A list where a union takes lists too is wrong in its entries: those are named, not the list. */
function* unfolded(errors: Iterable<SchemaError>): Iterable<SchemaError> {
  for (const error of errors) {
    const branches = error.schema.anyOf;
    const branch =
      Array.isArray(error.value) && Array.isArray(branches)
        ? branches.findIndex((one) => one.type === "array")
        : -1;
    const entries = [...(error.errors?.[branch] ?? [])].filter(({ path }) => path !== error.path);
    if (entries.length > 0) yield* unfolded(entries);
    else yield error;
  }
}

function segments(pointer: string): (string | number)[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function explain(error: SchemaError): string {
  if (error.message === UNEXPECTED) return unknownField(error);
  const { expected } = error.schema;
  const allowed = expected === undefined ? literals(error.schema) : [];
  if (allowed.length > 0) return `must be one of ${allowed.map((value) => JSON.stringify(value)).join(", ")}`;
  if (error.message === "Expected required property") return "is required";
  if (typeof expected === "string") return `must be ${expected}`;
  return error.message.charAt(0).toLowerCase() + error.message.slice(1);
}

function unknownField(error: SchemaError): string {
  const known = Object.keys((error.schema.properties as object | undefined) ?? {});
  const name = String(segments(error.path).at(-1) ?? "");
  const refused = (error.schema.refused as Record<string, string> | undefined) ?? {};
  if (Object.hasOwn(refused, name)) return `is refused: it ${refused[name]}`;
  const best = nearest(name, known);
  if (best !== null) return `unknown field; did you mean "${best}"?`;
  return known.length > 0 ? `unknown field; known are ${known.join(", ")}` : "unknown field";
}

function literals(schema: Record<string, unknown>): unknown[] {
  const branches = schema.anyOf;
  if (!Array.isArray(branches)) return "const" in schema ? [schema.const] : [];
  return branches.every((branch) => "const" in branch) ? branches.map((branch) => branch.const) : [];
}
