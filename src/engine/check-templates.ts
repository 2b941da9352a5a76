import type { FieldError } from "../core/errors.ts";
import type { AskedParsing } from "../device/driver.ts";
import type { Parsing } from "../template/templates.ts";
import type { ExecRequest } from "./engine.ts";

/** What is wrong with what a request wants rendered or parsed, as far as no template has to be read for it. */
export function checkTemplates({ operation, rendering, parsing }: Partial<ExecRequest>): FieldError[] {
  const wrong: FieldError[] = [];
  if (operation === undefined) return wrong;
  if (rendering !== undefined && !("text" in operation))
    wrong.push({ loc: ["rendering"], msg: "applies to command and config only" });
  if (parsing === undefined) return wrong;
  if (operation.kind !== "command") wrong.push({ loc: ["parsing"], msg: "applies to command only" });
  if (parsing.template === null && parsing.name !== "textfsm")
    wrong.push({ loc: ["parsing", "template"], msg: `is required for ${parsing.name}` });
  if (parsing.template !== null && parsing.platform !== null)
    wrong.push({
      loc: ["parsing", "platform"],
      msg: "is for textfsm without a template; leave out one of the two",
    });
  return wrong;
}

/** What a driver's own arguments ask for. */
export function parsingOf(asked: AskedParsing | null | undefined): Parsing | undefined {
  return asked ? { ...asked, platform: null, options: {} } : undefined;
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
