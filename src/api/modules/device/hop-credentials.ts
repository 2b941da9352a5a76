import { Type } from "@sinclair/typebox";
import type { FieldError } from "../../../core/errors.ts";
import type { ExecRequest } from "../../../engine/engine.ts";
import { shape } from "../../shape.ts";
import { type Credential, credential, credentialErrors, credentialsOf } from "./credential.ts";

type Args = Record<string, unknown>;

const hopShape = shape(Type.Object({ credential }, { additionalProperties: false }));

/** What is wrong with what jump hosts refer to; the rest of them is the driver's to judge. */
export function hopCredentialErrors(connectionArgs: unknown): FieldError[] {
  return hopsOf(connectionArgs).flatMap((hop, place): FieldError[] => {
    const own = referenceOf(hop);
    if (own === undefined) return [];
    const at = ["body", "connection_args", "jump_hosts", place];
    const given = { credential: own };
    if (hopShape.fits(given)) return credentialErrors(given.credential, [...at, "credential"]);
    return hopShape.errors(given, "hop").map(({ loc, msg }) => ({ loc: [...at, ...loc.slice(1)], msg }));
  });
}

/** Takes the references out of the arguments: drivers are told of logins alone. Only for those that nothing is wrong with. */
export function apartFromHops(connectionArgs: Args): Pick<ExecRequest, "connectionArgs" | "hopCredentials"> {
  const hops = hopsOf(connectionArgs);
  if (!hops.some((hop) => isObject(hop) && "credential" in hop)) return { connectionArgs };
  // Safe: `hopCredentialErrors` has found nothing.
  const own = hops.map((hop) => referenceOf(hop) as Credential);
  const plain = hops.map((hop) => {
    if (!isObject(hop)) return hop;
    const { credential: _, ...rest } = hop;
    return rest;
  });
  return {
    connectionArgs: { ...connectionArgs, jump_hosts: plain },
    hopCredentials: own.map((each) => (each === undefined ? null : credentialsOf(each))),
  };
}

function hopsOf(connectionArgs: unknown): readonly unknown[] {
  const hops = isObject(connectionArgs) ? connectionArgs.jump_hosts : undefined;
  return Array.isArray(hops) ? hops : [];
}

function referenceOf(hop: unknown): unknown {
  return (isObject(hop) ? hop.credential : undefined) ?? undefined;
}

function isObject(value: unknown): value is Args {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
