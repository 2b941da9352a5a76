import type { TSchema } from "@sinclair/typebox";
import {
  type CredentialFields,
  type CredentialRef,
  describeCredential,
  type HopCredentials,
} from "../core/credential.ts";
import type { FieldError } from "../core/errors.ts";
import { DeviceError, type Driver } from "../device/driver.ts";
import { checkDriverArgs, secretValues } from "./driver-args.ts";

type Args = Record<string, unknown>;

interface Target {
  of: "connection_args" | "driver_args";
  /** The argument's value for a field's. */
  value(text: string): unknown;
}

/** Where a login may go: arguments by their names. */
type Targets = ReadonlyMap<string, Target>;

/** What a credential may fill in: who logs in, and every argument that is a secret. */
function targetsOf({ connectionArgs, driverArgs }: Driver): Targets {
  return new Map([
    ...secretArgs(connectionArgs, "connection_args"),
    ...secretArgs(driverArgs, "driver_args"),
  ]);
}

/** The same for a jump host. */
function targetsOfHops({ connectionArgs }: Driver): Targets {
  const hop: TSchema | undefined = connectionArgs.properties.jump_hosts?.items;
  return new Map(hop === undefined ? [] : secretArgs(hop, "connection_args"));
}

function secretArgs(schema: TSchema, of: Target["of"]): [string, Target][] {
  return Object.entries<TSchema>(schema.properties).flatMap(([name, property]): [string, Target][] => {
    if (property.secret === true || name === "username") return [[name, { of, value: (text) => text }]];
    // One-time passwords: an object whose secret is the only thing that it needs.
    const isTotp = property.properties?.secret?.secret === true;
    return isTotp ? [[name, { of, value: (secret) => ({ secret }) }]] : [];
  });
}

/** Where the logins of a request are kept. */
export interface References {
  credentials?: readonly CredentialRef[] | null;
  hopCredentials?: HopCredentials | null;
}

/** Stands for what a credential will have, where a request is judged without it. */
const STAND_IN = "-";

/** The arguments of a request as its driver is to judge them: a login that is still to be read is there. */
export function withStandIns(args: Args, { credentials, hopCredentials }: References): Args {
  const own = (credentials ?? null) === null ? args : { username: STAND_IN, ...args };
  if ((hopCredentials ?? null) === null) return own;
  const hops = hopsOf(args).map((hop, place) =>
    (hopCredentials?.[place] ?? null) === null ? hop : { username: STAND_IN, ...hop },
  );
  return { ...own, jump_hosts: hops };
}

function hopsOf({ jump_hosts: hops }: Args): Args[] {
  return Array.isArray(hops) ? hops : [];
}

interface Asking extends References {
  connectionArgs?: Args;
  driverArgs?: Args;
}

/** What is wrong with the references themselves. */
export function checkCredentials(driver: Driver, request: Asking): FieldError[] {
  const { credentials, hopCredentials, connectionArgs = {}, driverArgs } = request;
  // Most have none, and what may be filled in is read from the driver's schemas.
  if (!credentials?.length && !hopCredentials?.length) return [];
  const hops = hopsOf(connectionArgs);
  return [
    ...checkMappings(credentials ?? [], targetsOf(driver), { ...driverArgs, ...connectionArgs }, [
      "credential",
    ]),
    ...(hopCredentials ?? []).flatMap((refs, place) => {
      const loc = ["connection_args", "jump_hosts", place, "credential"];
      return checkMappings(refs ?? [], targetsOfHops(driver), hops[place] ?? {}, loc);
    }),
  ];
}

function checkMappings(
  refs: readonly CredentialRef[],
  targets: Targets,
  args: Args,
  root: FieldError["loc"],
): FieldError[] {
  return refs.flatMap(({ fieldMapping = {} }, place) =>
    Object.keys(fieldMapping).flatMap((name): FieldError[] => {
      const loc = [...root, place, "field_mapping", name];
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

/** What was read for a device, or for one of the jump hosts before it. */
export interface ReadCredential {
  /** The jump host's place; null: the device itself. */
  hop: number | null;
  ref: CredentialRef;
  fields: CredentialFields;
}

/**
 * A job's arguments with what was read put in. Without a mapping each field is the argument of the connection that has
 * its name, unless the request gives that. Throws a `DeviceError` that names references and fields, and never what they
 * hold.
 */
export function withCredentials(driver: Driver, login: Login, read: readonly ReadCredential[]): Login {
  let filled = { connection_args: login.connectionArgs, driver_args: login.driverArgs };
  for (const each of read)
    filled = each.hop === null ? filledIn(driver, filled, each) : atHop(driver, filled, each);
  const { connection_args: connectionArgs, driver_args: driverArgs } = filled;
  const wrong = checkDriverArgs(driver, connectionArgs, driverArgs);
  if (wrong.length > 0) throw lacking(read, wrong);
  const own = secretValues(driver, connectionArgs, driverArgs);
  return { connectionArgs, driverArgs, secrets: [...new Set([...login.secrets, ...own])] };
}

type Filled = Record<Target["of"], Args>;

function filledIn(driver: Driver, args: Filled, { ref, fields }: ReadCredential): Filled {
  const filled = { connection_args: { ...args.connection_args }, driver_args: { ...args.driver_args } };
  for (const [name, target, value] of valuesOf(targetsOf(driver), ref, fields, args.connection_args))
    filled[target.of][name] = value;
  return filled;
}

function atHop(driver: Driver, args: Filled, { hop: place, ref, fields }: ReadCredential): Filled {
  const hops = hopsOf(args.connection_args).map((hop, n) => {
    if (n !== place) return hop;
    const values = valuesOf(targetsOfHops(driver), ref, fields, hop);
    return { ...hop, ...Object.fromEntries(values.map(([name, , value]) => [name, value])) };
  });
  return { ...args, connection_args: { ...args.connection_args, jump_hosts: hops } };
}

function valuesOf(
  targets: Targets,
  ref: CredentialRef,
  fields: CredentialFields,
  args: Args,
): [string, Target, unknown][] {
  const wanted = ref.fieldMapping ?? ownNames(targets, ref, fields, args);
  return Object.entries(wanted).map(([name, field]) => {
    const target = targets.get(name);
    const text = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (target === undefined || text === undefined)
      throw unusable(ref, `has no field ${JSON.stringify(field)}`);
    return [name, target, target.value(text)];
  });
}

function ownNames(
  targets: Targets,
  ref: CredentialRef,
  fields: CredentialFields,
  args: Args,
): Record<string, string> {
  const names = Object.keys(fields).filter(
    (name) => targets.get(name)?.of === "connection_args" && args[name] === undefined,
  );
  if (names.length === 0)
    throw unusable(
      ref,
      "has no field that is called as an argument is, as username and password; give field_mapping",
    );
  return Object.fromEntries(names.map((name) => [name, name]));
}

/** Named is the credential of the jump host that lacks something, else the device's. */
function lacking(read: readonly ReadCredential[], wrong: readonly FieldError[]): DeviceError {
  const hops = wrong.flatMap(({ loc: [, name, place] }) => (name === "jump_hosts" ? [place] : []));
  const at =
    read.find(({ hop }) => (hop === null ? hops.length < wrong.length : hops.includes(hop))) ?? read[0];
  const words = wrong.map(({ loc, msg }) => `${loc.join(".")} ${msg}`).join("; ");
  if (at === undefined) throw new Error(`a job's arguments are not what was accepted: ${words}`);
  return unusable(at.ref, `does not give what the driver needs: ${words}`);
}

function unusable(ref: CredentialRef, reason: string): DeviceError {
  const message = `the credential ${describeCredential(ref)} ${reason}`;
  return new DeviceError("CredentialError", message, { retryable: false });
}
