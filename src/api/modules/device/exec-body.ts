import type { FieldError } from "../../../core/errors.ts";
import { nearest } from "../../../core/nearest.ts";
import type { ExecRequest } from "../../../engine/engine.ts";
import { credentialErrors, credentialsOf } from "./credential.ts";
import { apartFromHops, hopCredentialErrors } from "./hop-credentials.ts";
import { rewriteNetpulse } from "./netpulse-request.ts";
import { type ExecFields, execShape, OPTION_NAMES } from "./schema.ts";
import { commandOf, ownParsingErrors, takeVariables, templatesOf } from "./templates.ts";
import { webhookOf } from "./webhook.ts";

/** The body of `POST /device/exec` as it was understood. */
export interface ExecBody {
  /** Whole when there are no errors; else the parts that are right. */
  request: Partial<ExecRequest>;
  errors: FieldError[];
}

/** Checks the shape of a body and puts it into the engine's terms. Fields and arguments that are null count as absent. */
export function readExecBody(given: unknown): ExecBody {
  if (!isObject(given)) return { request: {}, errors: [{ loc: ["body"], msg: "must be an object" }] };
  const { body: here, errors } = rewriteNetpulse(withoutNullArgs(given));
  const body = withListOfTransfers(withImpliedCommand(here));
  if (
    errors.length === 0 &&
    !isObject(body.rendering) &&
    execShape.fits(body) &&
    hasOneOperation(body) &&
    prototypeErrors(body).length + credentialErrors(body.credential).length === 0 &&
    ownParsingErrors(body.command).length + hopCredentialErrors(body.connection_args).length === 0
  ) {
    return { request: requestOf(body), errors: [] };
  }
  const read = readWithCare(body);
  return { ...read, errors: [...errors, ...read.errors] };
}

/** Whether all is there that a job needs. */
export function isWhole(request: Partial<ExecRequest>): request is ExecRequest {
  return (
    request.driver !== undefined &&
    request.connectionArgs !== undefined &&
    request.driverArgs !== undefined &&
    request.operation !== undefined
  );
}

/** Clients made of models send what nobody gave as null, in the arguments too; NetPulse's own does. */
export function withoutNullArgs(body: Record<string, unknown>): Record<string, unknown> {
  const { connection_args: connection, driver_args: driver } = body;
  if (!hasNull(connection) && !hasNull(driver)) return body;
  return {
    ...body,
    ...(hasNull(connection) && { connection_args: withoutNulls(connection) }),
    ...(hasNull(driver) && { driver_args: withoutNulls(driver) }),
  };
}

function hasNull(args: unknown): args is Record<string, unknown> {
  return isObject(args) && Object.values(args).includes(null);
}

/** What is given: a null counts as absent. */
export function withoutNulls(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/**
 * A script needs no command beside it: it is its interpreter that runs. What is done with a detached task is no command,
 * but the job has to be called something.
 */
function withImpliedCommand(body: Record<string, unknown>): Record<string, unknown> {
  const { driver_args: args } = body;
  if (!isObject(args)) return body;
  if (OPERATIONS.some((name) => (body[name] ?? null) !== null)) return body;
  if (isObject(args.detached_task)) return { ...body, command: nameOfTask(args.detached_task) };
  if (typeof args.script_content !== "string") return body;
  const { script_interpreter: interpreter, ...others } = args;
  return { ...body, command: interpreter ?? DEFAULT_INTERPRETER, driver_args: others };
}

/** One is a list of one: what is wrong in it is named by its field then. */
function withListOfTransfers(body: Record<string, unknown>): Record<string, unknown> {
  const { file_transfer: transfer } = body;
  return isObject(transfer) ? { ...body, file_transfer: [transfer] } : body;
}

const DEFAULT_INTERPRETER = "bash";

function nameOfTask({ action, id }: Record<string, unknown>): string {
  const words = ["detached task", action, id].filter((word) => typeof word === "string");
  return words.join(" ").slice(0, 100);
}

/** For what is not plainly right: options in their own object, fields that are null, and errors. */
function readWithCare(body: Record<string, unknown>): ExecBody {
  const { fields, inOptions, errors } = flatten(body);
  errors.push(...operationErrors(fields), ...takeVariables(fields));
  if (!execShape.fits(fields)) errors.push(...execShape.errors(fields, "body"));
  else errors.push(...credentialErrors(fields.credential));
  errors.push(...prototypeErrors(fields), ...ownParsingErrors(fields.command));
  errors.push(...hopCredentialErrors(fields.connection_args));
  return {
    request: requestOf(withoutWrong(fields, errors)),
    errors: errors.map((error) => relocate(error, inOptions)),
  };
}

interface Flat {
  fields: Record<string, unknown>;
  /** Names of fields that stood in `options`. */
  inOptions: Set<string>;
  errors: FieldError[];
}

function flatten(body: Record<string, unknown>): Flat {
  const flat: Flat = { fields: Object.create(null), inOptions: new Set(), errors: [] };
  for (const name of Object.keys(body)) {
    if (name !== "options" && body[name] !== null) flat.fields[name] = body[name];
  }
  const options = body.options ?? null;
  if (isObject(options)) takeOptions(options, flat);
  else if (options !== null) flat.errors.push({ loc: ["body", "options"], msg: "must be an object" });
  return flat;
}

function takeOptions(options: Record<string, unknown>, { fields, inOptions, errors }: Flat): void {
  for (const [name, value] of Object.entries(options)) {
    const loc = ["body", "options", name];
    if (!OPTION_NAMES.includes(name)) errors.push({ loc, msg: unknownOption(name) });
    else if (value === null) continue;
    else if (name in fields) errors.push({ loc, msg: "is given in the body too; keep one" });
    else {
      fields[name] = value;
      inOptions.add(name);
    }
  }
}

function unknownOption(name: string): string {
  const best = nearest(name, OPTION_NAMES);
  if (best !== null) return `unknown field; did you mean "${best}"?`;
  return `unknown field; known are ${OPTION_NAMES.join(", ")}`;
}

const OPERATIONS = ["command", "config", "file_transfer"] as const;

function hasOneOperation(fields: ExecFields): boolean {
  return OPERATIONS.filter((name) => fields[name] !== undefined).length === 1;
}

function operationErrors(fields: Record<string, unknown>): FieldError[] {
  const given = OPERATIONS.filter((name) => name in fields);
  if (given.length === 1) return [];
  const msg = "exactly one of command, config and file_transfer is required";
  return (given.length === 0 ? ["command"] : given).map((name) => ({ loc: ["body", name], msg }));
}

/** A key that other code may take for an object's prototype. */
function prototypeErrors(fields: Record<string, unknown>): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ["connection_args", "driver_args"]) {
    const value = fields[name];
    if (!isObject(value) || !Object.hasOwn(value, "__proto__")) continue;
    errors.push({ loc: ["body", name, "__proto__"], msg: "unknown field" });
  }
  for (const [place, entry] of entriesOf(fields.command)) {
    if (!Object.hasOwn(entry, "__proto__")) continue;
    errors.push({ loc: ["body", "command", place, "__proto__"], msg: "unknown field" });
  }
  return errors;
}

function entriesOf(command: unknown): [number, object][] {
  if (!Array.isArray(command)) return [];
  return command.flatMap((entry, place) => (isObject(entry) ? [[place, entry] as [number, object]] : []));
}

function relocate(error: FieldError, inOptions: ReadonlySet<string>): FieldError {
  const [root, name, ...rest] = error.loc;
  if (root !== "body" || typeof name !== "string" || !inOptions.has(name)) return error;
  return { ...error, loc: ["body", "options", name, ...rest] };
}

/** What can still be checked. Never submitted: there are errors. */
function withoutWrong(fields: Record<string, unknown>, errors: readonly FieldError[]): Partial<ExecFields> {
  for (const { loc } of errors) {
    const [, name, inner] = loc;
    if (name === undefined) continue;
    const value = fields[name];
    if (Array.isArray(value) && typeof inner === "number") fields[name] = value.with(inner, STAND_IN);
    else if (isObject(value) && inner !== undefined) fields[name] = withoutKey(value, String(inner));
    else delete fields[name];
  }
  return fields;
}

function withoutKey(value: Record<string, unknown>, key: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

/** Takes the place of a wrong entry, so that the other entries keep theirs. */
const STAND_IN = "-";

function requestOf(fields: Partial<ExecFields>): Partial<ExecRequest> {
  const request: Partial<ExecRequest> = { driverArgs: fields.driver_args ?? {}, ...templatesOf(fields) };
  if (fields.driver !== undefined) request.driver = fields.driver;
  if (fields.connection_args !== undefined) Object.assign(request, apartFromHops(fields.connection_args));
  if (fields.command !== undefined) request.operation = { kind: "command", text: commandOf(fields.command) };
  else if (fields.config !== undefined) request.operation = { kind: "config", text: fields.config };
  // One that is wrong has a stand-in, which is no transfer to be judged.
  else if (Array.isArray(fields.file_transfer) && fields.file_transfer.every(isObject))
    request.operation = { kind: "file_transfer", transfers: fields.file_transfer };
  if (fields.queue_strategy !== undefined) request.queueStrategy = fields.queue_strategy;
  if (fields.ttl !== undefined) request.ttl = fields.ttl;
  if (fields.execution_timeout !== undefined) request.executionTimeout = fields.execution_timeout;
  if (fields.result_ttl !== undefined) request.resultTtl = fields.result_ttl;
  if (fields.priority !== undefined) request.priority = fields.priority;
  if (fields.retries !== undefined) request.retries = fields.retries;
  if (fields.retry_config !== undefined) request.retryConfig = fields.retry_config;
  if (fields.webhook !== undefined) request.webhook = webhookOf(fields.webhook);
  if (fields.mask_output !== undefined) request.maskOutput = fields.mask_output;
  if (fields.credential !== undefined) request.credentials = credentialsOf(fields.credential);
  if (fields.detach === true) {
    request.driverArgs = { ...request.driverArgs, detach: true };
    request.login = LOGIN_ARGS;
  }
  return request;
}

/** What it takes to reach a detached task again, beside the connection. */
export const LOGIN_ARGS: readonly string[] = ["sudo", "sudo_password", "sudo_user"];

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
