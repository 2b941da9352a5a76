import type { Static, TObject } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import type { FieldError } from "../core/errors.ts";
import { fieldErrors, type SchemaError } from "../core/schema-errors.ts";

/**
 * What a query or a body must look like: one schema that is the type, the validation and the
 * documentation. Elysia's own validation is not used: its refusals repeat the input.
 */
export interface Shape<S extends TObject> {
  readonly schema: S;
  /** Whether `value` is a `Static<S>`. */
  fits(value: unknown): value is Static<S>;
  /** Every wrong field, unknown ones included; `root` says where: `body`, `query`. */
  errors(value: unknown, root: string): FieldError[];
}

/** Compiles the schema at its first use. It must refuse additional properties. */
export function shape<S extends TObject>(schema: S): Shape<S> {
  let compiled: TypeCheck<S> | undefined;
  const check = () => {
    compiled ??= TypeCompiler.Compile(schema);
    return compiled;
  };
  return {
    schema,
    fits: (value): value is Static<S> => check().Check(value),
    errors: (value, root) => fieldErrors(check().Errors(value) as Iterable<SchemaError>, [root]),
  };
}
