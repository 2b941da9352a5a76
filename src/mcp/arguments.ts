import type { TObject } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import type { FieldError } from "../core/errors.ts";
import { fieldErrors, type SchemaError } from "../core/schema-errors.ts";

const compiled = new WeakMap<TObject, TypeCheck<TObject>>();

/** Every wrong argument, with the way out and never with its value. */
export function wrongArguments(schema: TObject, args: unknown): FieldError[] {
  const check = compiled.get(schema) ?? TypeCompiler.Compile(schema);
  compiled.set(schema, check);
  if (check.Check(args)) return [];
  return fieldErrors(check.Errors(args) as Iterable<SchemaError>);
}

/** Words of ours that JSON schema does not know. */
const OURS = new Set(["expected", "secret"]);

/** A schema as clients get it. */
export function publicSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(publicSchema);
  if (schema === null || typeof schema !== "object") return schema;
  const kept = Object.entries(schema).filter(([word]) => !OURS.has(word));
  return Object.fromEntries(kept.map(([word, value]) => [word, publicSchema(value)]));
}
