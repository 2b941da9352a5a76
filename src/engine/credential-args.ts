import type { TSchema } from "@sinclair/typebox";
import type { CredentialFields, CredentialRef } from "../core/credential.ts";
import type { FieldError } from "../core/errors.ts";
import { DeviceError, type Driver } from "../device/driver.ts";
import { checkDriverArgs, secretValues } from "./driver-args.ts";

type Args = Record<string, unknown>;

interface Target {
  of: "connection_args" | "driver_args";
  /** The argument's value for a field's. */
  value(text: string): unknown;
}

/** What a credential may fill in: who logs in, and every argument that is a secret. */
function targetsOf({ connectionArgs, driverArgs }: Driver): Map<string, Target> {
  const targets = new Map<string, Target>();
  const add = (schema: TSchema, of: Target["of"]) => {
    for (const [name, property] of Object.entries<TSchema>(schema.properties)) {
      if (property.secret === true || name === "username") targets.set(name, { of, value: (text) => text });
      // One-time passwords: an object whose secret is the only thing that it needs.
      else if (property.properties?.secret?.secret === true)
        targets.set(name, { of, value: (secret) => ({ secret }) });
    }
  };
  add(connectionArgs, "connection_args");
  add(driverArgs, "driver_args");
  return targets;
}

/** Stands for what a credential will have, where a request is judged without it. */
const STAND_IN = "-";

/** The arguments of a request as its driver is to judge them: a login that is still to be read is there. */
export function withStandIns(args: Args, refs: readonly CredentialRef[] | undefined): Args {
  return refs === undefined ? args : { username: STAND_IN, ...args };
}

/** What is wrong with the references themselves. */
export function checkCredentials(driver: Driver, refs: readonly CredentialRef[], args: Args): FieldError[] {
  const targets = targetsOf(driver);
  return refs.flatMap(({ fieldMapping = {} }, place) =>
    Object.keys(fieldMapping).flatMap((name): FieldError[] => {
      const loc = ["credential", place, "field_mapping", name];
      if (!targets.has(name))
        return [
          {
            loc,
            msg: `is no argument that a credential may have; there are ${[...targets.keys()].join(", ")}`,
          },
        ];
      return args[name] === undefined ? [] : [{ loc, msg: "stands in the request, too; keep one" }];
    }),
  );
}

export interface Login {
  connectionArgs: Args;
  driverArgs: Args;
  secrets: string[];
}

/**
 * A job's arguments with what was read put in. Without a mapping each field is the argument of the connection that has
 * its name, unless the request gives that. Throws a `DeviceError` that names fields, and never what they hold.
 */
export function withCredential(
  driver: Driver,
  login: Login,
  ref: CredentialRef,
  fields: CredentialFields,
): Login {
  const targets = targetsOf(driver);
  const filled = { connection_args: { ...login.connectionArgs }, driver_args: { ...login.driverArgs } };
  const wanted = ref.fieldMapping ?? ownNames(targets, fields, login.connectionArgs);
  for (const [name, field] of Object.entries(wanted)) {
    const target = targets.get(name);
    const text = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (target === undefined || text === undefined) throw unusable(`has no field ${JSON.stringify(field)}`);
    filled[target.of][name] = target.value(text);
  }
  const { connection_args: connectionArgs, driver_args: driverArgs } = filled;
  const wrong = checkDriverArgs(driver, connectionArgs, driverArgs);
  if (wrong.length > 0) throw unusable(`does not give what the driver needs: ${inWords(wrong)}`);
  const own = secretValues(driver, connectionArgs, driverArgs);
  return { connectionArgs, driverArgs, secrets: [...new Set([...login.secrets, ...own])] };
}

function ownNames(
  targets: ReadonlyMap<string, Target>,
  fields: CredentialFields,
  args: Args,
): Record<string, string> {
  const names = Object.keys(fields).filter(
    (name) => targets.get(name)?.of === "connection_args" && args[name] === undefined,
  );
  if (names.length === 0)
    throw unusable(
      "has no field that is called as an argument is, as username and password; give field_mapping",
    );
  return Object.fromEntries(names.map((name) => [name, name]));
}

function inWords(wrong: readonly FieldError[]): string {
  return wrong.map(({ loc, msg }) => `${loc.join(".")} ${msg}`).join("; ");
}

function unusable(reason: string): DeviceError {
  return new DeviceError("CredentialError", reason, { retryable: false });
}
