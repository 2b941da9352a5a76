import { canonicalHost, DEFAULT_SITE, isSite } from "../core/device.ts";
import type { FieldError } from "../core/errors.ts";
import { type AskedTransfer, localPathProblem } from "../core/file-transfer.ts";
import { nearest } from "../core/nearest.ts";
import type { Driver, Operation } from "../device/driver.ts";
import { checkTemplates } from "./check-templates.ts";
import { checkCredentials, withStandIns } from "./credential-args.ts";
import { checkCommandArgs, checkDriverArgs } from "./driver-args.ts";
import type { CommandEntry, ExecRequest } from "./engine.ts";
import { linesIn, linesOf } from "./operation.ts";
import { checkWebhook, type WebhookTerms } from "./webhooks.ts";

/** Defaults and limits of a submitted job; durations in seconds as in the configuration. */
export interface JobLimits {
  ttl: number;
  executionTimeout: number;
  resultTtl: number;
  maxCommands: number;
  testTimeout: number;
  /** How long a detached task is known, seconds. */
  taskTtl: number;
}

/** Drivers by any of their names. */
export interface DriverLookup {
  find(name: string): Driver | null;
  names(): string[];
}

export interface CheckDeps {
  drivers: DriverLookup;
  limits: JobLimits;
  webhooks: WebhookTerms;
}

/**
 * Every wrong field of a request, as far as the fields that are there allow to tell: absent ones are the
 * edge's to report. Empty when all is well.
 */
export function checkRequest(deps: CheckDeps, request: Partial<ExecRequest>): FieldError[] {
  const wrong = [
    ...checkRetries(request),
    ...checkTemplates(request),
    ...checkMasking(request),
    ...(request.webhook ? checkWebhook(deps.webhooks, request.webhook) : []),
  ];
  if (request.driver === undefined) return wrong;
  const driver = deps.drivers.find(request.driver);
  if (driver === null) return [unknownDriver(deps.drivers, request.driver), ...wrong];
  if (request.operation && request.operation.kind !== "connect")
    wrong.push(...checkOperation(driver, request.operation, request.rendering !== undefined, deps.limits));
  const args = {
    connection_args: withStandIns(request.connectionArgs ?? {}, request),
    driver_args: request.driverArgs ?? {},
  };
  wrong.push(...checkCredentials(driver, request));
  if (request.connectionArgs) {
    wrong.push(...checkDriverArgs(driver, args.connection_args, args.driver_args));
    wrong.push(...checkAddress(args.connection_args));
  }
  const asked = request.operation;
  if (!asked) return wrong;
  if (asked.kind === "command") wrong.push(...checkEntries(driver, asked));
  if (asked.kind === "file_transfer") wrong.push(...checkTransfers(asked.transfers, args.driver_args));
  const given = "text" in asked ? lines(request, asked) : standIn(driver);
  const found = driver.check({
    connectionArgs: without(wrong, "connection_args", args.connection_args),
    driverArgs: without(wrong, "driver_args", args.driver_args),
    operation: withoutWrongEntries(wrong, operationOf(given)),
  });
  return [...wrong, ...found.map((error) => inRequestsTerms(error, given))];
}

/** An operation of a request. */
type Asked = Extract<ExecRequest["operation"], { text: unknown }>;

/** What is known of what will be sent: of templates only what stands beside them, and whether they are commands or a config. */
function lines({ rendering }: Partial<ExecRequest>, asked: Asked): Asked {
  if (rendering === undefined) return asked;
  if (asked.kind === "config" || typeof asked.text === "string") return { kind: asked.kind, text: "-" };
  return {
    kind: "command",
    text: asked.text.map((entry) => (typeof entry === "string" ? "-" : { ...entry, command: "-" })),
  };
}

/** Drivers judge whole requests: something that each of them would take stands where nothing is run. */
function standIn(driver: Driver): Asked {
  return { kind: driver.operations.includes("command") ? "command" : "config", text: "-" };
}

/** The fields of an argument object that nothing is wrong with so far. */
function without(wrong: FieldError[], root: string, args: Record<string, unknown>): Record<string, unknown> {
  const names = new Set(wrong.filter(({ loc }) => loc[0] === root).map(({ loc }) => loc[1]));
  return Object.fromEntries(Object.entries(args).filter(([name]) => !names.has(name)));
}

/** Entries that something is wrong with so far are judged by their text alone. */
function withoutWrongEntries(wrong: FieldError[], operation: Operation): Operation {
  if (operation.kind !== "command" || operation.commandArgs === undefined) return operation;
  const places = new Set(wrong.filter(({ loc }) => loc[0] === "command").map(({ loc }) => loc[1]));
  const commandArgs = operation.commandArgs.map((args, place) => (places.has(place) ? null : args));
  return { ...operation, commandArgs };
}

function checkEntries(driver: Driver, request: Asked): FieldError[] {
  const operation = operationOf(request);
  if (operation.kind !== "command") return [];
  return (operation.commandArgs ?? []).flatMap((args, place) =>
    args === null ? [] : checkCommandArgs(driver, args, place),
  );
}

/** Drivers count lines; where the request gave one string, there is no such entry to point at. */
function inRequestsTerms(error: FieldError, asked: Asked): FieldError {
  const [field, line] = error.loc;
  if (field !== asked.kind || typeof line !== "number" || typeof asked.text !== "string") return error;
  const where = asked.kind === "config" ? `line ${line + 1}: ` : "";
  return { loc: [field], msg: `${where}${error.msg}` };
}

/** What the request's text is for a driver: a list of commands, or a config's lines. */
export function operationOf(asked: Asked): Operation {
  const list = typeof asked.text === "string" ? [asked.text] : asked.text;
  if (asked.kind === "config") return { kind: "config", lines: (list as string[]).flatMap(linesIn) };
  const commands = list.map((entry) => (typeof entry === "string" ? entry : entry.command));
  if (list.every((entry) => typeof entry === "string")) return { kind: "command", commands };
  return { kind: "command", commands, commandArgs: list.map(argsOf) };
}

function argsOf(entry: string | CommandEntry): Record<string, unknown> | null {
  if (typeof entry === "string") return null;
  const { command, parsing, ...args } = entry;
  return args;
}

/** Templates in the place of what is sent: each is one, whatever lines it has. */
export function templatesOf(asked: Asked): Operation {
  if (asked.kind === "command") return operationOf(asked);
  return { kind: "config", lines: typeof asked.text === "string" ? [asked.text] : asked.text };
}

function unknownDriver(drivers: DriverLookup, name: string): FieldError {
  const best = nearest(name, drivers.names());
  const hint = best === null ? "" : `did you mean "${best}"? `;
  return { loc: ["driver"], msg: `no such driver; ${hint}there are ${drivers.names().join(", ")}` };
}

/** Paths are judged here and not by drivers: what a folder of ours may hold is the same for all. */
function checkTransfers(transfers: readonly AskedTransfer[], driverArgs: object): FieldError[] {
  const paths = transfers.flatMap(({ operation, local_path, remote_path }, index) => {
    const problem = local_path === undefined ? missing(operation) : localPathProblem(local_path);
    const wrong: FieldError[] = [];
    if (problem !== null) wrong.push({ loc: ["file_transfer", index, "local_path"], msg: problem });
    if (/\p{Cc}/u.test(remote_path)) {
      wrong.push({ loc: ["file_transfer", index, "remote_path"], msg: "holds control characters" });
    }
    return wrong;
  });
  const args = Object.keys(driverArgs).map((name) => ({
    loc: ["driver_args", name],
    msg: "is about commands, and has no meaning in a file transfer",
  }));
  return [...paths, ...args];
}

function missing(operation: AskedTransfer["operation"]): string | null {
  return operation === "upload"
    ? "is required for an upload: the path that POST /storage has answered"
    : null;
}

function checkOperation(
  driver: Driver,
  request: Asked | { kind: "file_transfer"; transfers: AskedTransfer[] },
  isTemplate: boolean,
  limits: JobLimits,
): FieldError[] {
  const field = request.kind;
  if (!driver.operations.includes(field)) {
    return [
      { loc: [field], msg: `driver ${driver.name} has no ${field}; it has ${driver.operations.join(", ")}` },
    ];
  }
  if (request.kind === "file_transfer") return [];
  const lines = linesOf(isTemplate ? templatesOf(request) : operationOf(request));
  if (lines.length > limits.maxCommands) {
    return [
      { loc: [field], msg: `has more than ${limits.maxCommands} lines; split it or raise job.max_commands` },
    ];
  }
  if (lines.length === 0) return [{ loc: [field], msg: "is empty; give at least one line" }];
  return [];
}

function checkRetries(request: Partial<ExecRequest>): FieldError[] {
  if (!request.retries || request.operation?.kind !== "config" || request.retryConfig) return [];
  return [
    {
      loc: ["retries"],
      msg: "a retry may apply the config twice; set retry_config to true if that is harmless",
    },
  ];
}

/** What a task prints is looked at piece by piece, wherever those end; half a secret would show. */
function checkMasking({ login, maskOutput }: Partial<ExecRequest>): FieldError[] {
  if (login === undefined || maskOutput !== true) return [];
  return [
    {
      loc: ["mask_output"],
      msg: "is not for detached tasks: what they print is shown as it is on their host",
    },
  ];
}

function checkAddress({ host, site }: Record<string, unknown>): FieldError[] {
  const wrong: FieldError[] = [];
  if (typeof host === "string" && canonicalHost(host) === null) {
    wrong.push({ loc: ["connection_args", "host"], msg: "is neither a host name nor an IP address" });
  }
  if (typeof site === "string" && !isSite(site)) {
    wrong.push({
      loc: ["connection_args", "site"],
      msg:
        site === DEFAULT_SITE
          ? "is what the site of devices without one is called; leave it out"
          : "may hold letters, digits, dot, dash and underscore, and begins with a letter or digit",
    });
  }
  return wrong;
}
