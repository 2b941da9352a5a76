import type { FieldError } from "../core/errors.ts";
import type { AskedParsing, Driver } from "../device/driver.ts";
import type { Parsing } from "../template/templates.ts";
import type { CommandEntry, ExecRequest } from "./engine.ts";
import type { CommandParsing } from "./operation.ts";

/** What is wrong with what a request wants rendered or parsed, as far as no template has to be read for it. */
export function checkTemplates({ operation, rendering, parsing }: Partial<ExecRequest>): FieldError[] {
  const wrong: FieldError[] = [];
  if (operation === undefined) return wrong;
  if (rendering !== undefined && !("text" in operation))
    wrong.push({ loc: ["rendering"], msg: "applies to command and config only" });
  if (parsing !== undefined && operation.kind !== "command")
    wrong.push({ loc: ["parsing"], msg: "applies to command only" });
  if (parsing !== undefined) wrong.push(...checkParsing(parsing, ["parsing"]));
  for (const [place, entry] of entriesOf(operation).entries())
    if (typeof entry !== "string" && entry.parsing)
      wrong.push(...checkParsing(entry.parsing, ["command", place, "parsing"]));
  return wrong;
}

function checkParsing({ name, template, platform }: Parsing, loc: FieldError["loc"]): FieldError[] {
  const wrong: FieldError[] = [];
  if (template === null && name !== "textfsm")
    wrong.push({ loc: [...loc, "template"], msg: `is required for ${name}` });
  if (template !== null && platform !== null)
    wrong.push({
      loc: [...loc, "platform"],
      msg: "is for textfsm without a template; leave out one of the two",
    });
  return wrong;
}

function entriesOf(operation: ExecRequest["operation"]): (string | CommandEntry)[] {
  return operation.kind === "command" && typeof operation.text !== "string" ? operation.text : [];
}

/** How what commands print is to be parsed. What stands beside a command counts more than what is said for all. */
export function parsingFor(driver: Driver, request: ExecRequest): CommandParsing | undefined {
  const { driverArgs } = request;
  const shared = request.parsing ?? parsingOf(driver.parsing?.(driverArgs)) ?? null;
  const own = entriesOf(request.operation).map((entry): Parsing | null => {
    if (typeof entry === "string") return shared;
    const { command: _, parsing, ...args } = entry;
    if (parsing !== undefined) return parsing || null;
    const asked = driver.parsing?.(driverArgs, args);
    return asked === undefined ? shared : parsingOf(asked);
  });
  if (own.some((each) => each !== shared)) return own;
  return shared ?? undefined;
}

function parsingOf(asked: AskedParsing | null | undefined): Parsing | null {
  return asked ? { ...asked, platform: null, options: {} } : null;
}

const SECRET_NAME = /pass|secret|community|token|(?:^|_)(?:key|psk)$/i;

/** Values of a context that its names call secret, at whatever depth. */
export function secretsInContext(context: unknown, secret = false): string[] {
  if (typeof context === "string") return secret && context !== "" ? [context] : [];
  if (context === null || typeof context !== "object") return [];
  return Object.entries(context).flatMap(([name, value]) =>
    secretsInContext(value, secret || (!Array.isArray(context) && SECRET_NAME.test(name))),
  );
}
