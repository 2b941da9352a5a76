import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import type { FieldError } from "../core/errors.ts";
import { fieldErrors, type SchemaError } from "../core/schema-errors.ts";
import type { Driver, TObject } from "../device/driver.ts";

const compiled = new WeakMap<TObject, TypeCheck<TObject>>();

function checker(schema: TObject): TypeCheck<TObject> {
  const known = compiled.get(schema);
  if (known) return known;
  const made = TypeCompiler.Compile(schema);
  compiled.set(schema, made);
  return made;
}

/** Checks both argument objects against the driver's schemas; empty when all is well. */
export function checkDriverArgs(
  driver: Driver,
  connectionArgs: Record<string, unknown>,
  driverArgs: Record<string, unknown>,
): FieldError[] {
  return [
    ...check(driver.connectionArgs, connectionArgs, "connection_args"),
    ...check(driver.driverArgs, driverArgs, "driver_args"),
  ];
}

function check(schema: TObject, value: Record<string, unknown>, root: string): FieldError[] {
  const type = checker(schema);
  if (type.Check(value)) return [];
  return fieldErrors(type.Errors(value) as Iterable<SchemaError>, [root]);
}

/** The values of the properties that a driver's schemas mark `secret: true`. */
export function secretValues(driver: Driver, ...values: Record<string, unknown>[]): string[] {
  const schemas = [driver.connectionArgs, driver.driverArgs];
  const names = schemas.flatMap((schema) =>
    Object.entries(schema.properties)
      .filter(([, property]) => property.secret === true)
      .map(([name]) => name),
  );
  return values
    .flatMap((value) => names.map((name) => value[name]))
    .filter((value): value is string => typeof value === "string" && value.length > 0);
}
