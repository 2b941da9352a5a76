import type { TSchema } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import type { FieldError } from "../core/errors.ts";
import { fieldErrors, type SchemaError } from "../core/schema-errors.ts";
import type { Driver, Task, TObject } from "../device/driver.ts";

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

/** The same for what stands beside a command. */
export function checkCommandArgs(driver: Driver, args: Record<string, unknown>, place: number): FieldError[] {
  const loc = ["command", place];
  if (driver.commandArgs !== undefined) return check(driver.commandArgs, args, ...loc);
  if (Object.keys(args).length === 0) return [];
  return [{ loc, msg: `must be text: driver ${driver.name} takes nothing beside a command but parsing` }];
}

function check(schema: TObject, value: Record<string, unknown>, ...root: FieldError["loc"]): FieldError[] {
  const type = checker(schema);
  if (type.Check(value)) return [];
  return fieldErrors(type.Errors(value) as Iterable<SchemaError>, root);
}

/** The values of the properties that a driver's schemas mark `secret: true`, at whatever depth. */
export function secretValues(
  driver: Driver,
  connectionArgs: Record<string, unknown>,
  driverArgs: Record<string, unknown>,
  operation: Task = { kind: "connect" },
): string[] {
  const commandArgs = operation.kind === "command" ? (operation.commandArgs ?? []) : [];
  return [
    ...secretsIn(driver.connectionArgs, connectionArgs),
    ...secretsIn(driver.driverArgs, driverArgs),
    ...commandArgs.flatMap((args) => secretsIn(driver.commandArgs, args)),
  ];
}

function secretsIn(schema: TSchema | undefined, value: unknown): string[] {
  if (schema === undefined) return [];
  if (schema.secret === true) return typeof value === "string" && value.length > 0 ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((entry) => secretsIn(schema.items, entry));
  if (value === null || typeof value !== "object") return [];
  const { secretWhere: where, properties = {} }: TSchema = schema;
  if (where !== undefined && !where.says.test((value as Record<string, unknown>)[where.field])) return [];
  const [others] = Object.values<TSchema>(schema.patternProperties ?? {});
  return Object.entries(value).flatMap(([name, inner]) => secretsIn(properties[name] ?? others, inner));
}
