import type { FieldError } from "../../../core/errors.ts";
import { reasonOf } from "../../../engine/bulk.ts";
import type { BulkEntry, BulkRequest, Engine } from "../../../engine/engine.ts";
import { inBody, invalidFields } from "../../http-error.ts";
import { isObject, isWhole, readExecBody } from "../device/exec-body.ts";
import { readIdempotencyKey } from "../device/idempotency.ts";
import { BULK_FIELDS, type BulkFields, bulkShape } from "./schema.ts";

/** A host is shown again as it was given, so far. */
const MOST_HOST = 253;

/** Understands the body of a bulk request. What all devices share is refused as a whole, and one device for itself. */
export function readBulk(engine: Engine, body: unknown, headers: Headers, maxBulk: number): BulkRequest {
  const { idempotencyKey, errors } = readIdempotencyKey(headers);
  if (!isObject(body)) throw invalidFields([...errors, { loc: ["body"], msg: "must be an object" }]);
  const { own, shared } = split(body);
  errors.push(...bulkShape.errors(own, "body"), ...tooMany(own.devices, maxBulk));
  errors.push(...sharedErrors(engine, shared, own.devices));
  if (errors.length > 0 || !bulkShape.fits(own)) throw invalidFields(errors);
  const { devices, canary, stop_after_failures: stopAfterFailures } = own;
  return {
    count: devices.length,
    entry: (place) => entryOf(engine, shared, devices[place]),
    ...(canary !== undefined && { canary }),
    ...(stopAfterFailures !== undefined && { stopAfterFailures }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  };
}

type Fields = Record<string, unknown>;

/** Fields that are null count as absent. */
function split(body: Fields): { own: Partial<BulkFields>; shared: Fields } {
  const [own, shared]: [Fields, Fields] = [Object.create(null), Object.create(null)];
  for (const [name, value] of Object.entries(body)) {
    if (value !== null) (BULK_FIELDS.includes(name) ? own : shared)[name] = value;
  }
  return { own, shared };
}

function tooMany(devices: unknown, maxBulk: number): FieldError[] {
  if (!Array.isArray(devices) || devices.length <= maxBulk) return [];
  return [
    { loc: ["body", "devices"], msg: `has more than ${maxBulk} entries; split it or raise job.max_bulk` },
  ];
}

/** Looked for in the first entry as it will be: a driver judges nothing but whole requests. */
function sharedErrors(engine: Engine, shared: Fields, devices: unknown): FieldError[] {
  const args = shared.connection_args ?? {};
  if (!isObject(args)) return [{ loc: ["body", "connection_args"], msg: "must be an object" }];
  const first: unknown = Array.isArray(devices) ? devices.find(isObject) : undefined;
  const entry: Fields = isObject(first) ? first : {};
  const own = ["command", "config"].filter((name) => (entry[name] ?? null) !== null);
  const { request, errors } = readExecBody(merged(shared, entry));
  const found = [...errors, ...engine.check(request).map(inBody)];
  const both = shared.command !== undefined && shared.config !== undefined;
  return [
    ...(both ? [{ loc: ["body", "config"], msg: "give command or config, not both" }] : []),
    ...found.filter(
      ({ loc: [, field = ""] }) => field !== "connection_args" && !isEntrys(field, own, shared),
    ),
  ];
}

/** Where no operation is shared, each entry must have its own; where it has, what is wrong with it is its affair. */
function isEntrys(field: string | number, own: string[], shared: Fields): boolean {
  if (field !== "command" && field !== "config") return false;
  return (
    own.length > 0 ||
    shared[field] === undefined ||
    (shared.command !== undefined && shared.config !== undefined)
  );
}

function entryOf(engine: Engine, shared: Fields, device: unknown): BulkEntry {
  if (!isObject(device)) return { host: null, request: null, reason: "must be an object" };
  const { request, errors } = readExecBody(merged(shared, device));
  const { host } = device;
  const shown = typeof host === "string" ? host.slice(0, MOST_HOST) : null;
  if (errors.length === 0 && isWhole(request)) return { host: shown, request, reason: null };
  const found = [...errors.map(({ loc, msg }) => ({ loc: loc.slice(1), msg })), ...engine.check(request)];
  return { host: shown, request: null, reason: reasonOf(found) };
}

function merged(shared: Fields, device: Fields): Fields {
  const { command, config, credential, ...args } = device;
  const given = Object.entries(args).filter(([, value]) => value !== null);
  const own = {
    ...((command ?? null) !== null && { command }),
    ...((config ?? null) !== null && { config }),
  };
  const { command: _command, config: _config, ...rest } = shared;
  return {
    ...(Object.keys(own).length > 0 ? { ...rest, ...own } : shared),
    ...((credential ?? null) !== null && { credential }),
    connection_args: { ...(shared.connection_args as Fields), ...Object.fromEntries(given) },
  };
}
