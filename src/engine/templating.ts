import { TemplateError } from "../core/errors.ts";
import type { JobError } from "../core/job.ts";
import { maskKnown } from "../core/mask.ts";
import { encodeFrame, encodeParsed } from "../core/output-log.ts";
import type { Operation } from "../device/driver.ts";
import {
  type Parsing,
  type Rendering,
  type TemplateCall,
  type TemplateSource,
  type Templates,
  templateSource,
} from "../template/templates.ts";
import { type CommandParsing, linesIn, parsingAt } from "./operation.ts";
import type { ParsedText } from "./parsed-texts.ts";

export interface Templating {
  templates: Templates;
  /** Commands or config lines in one job. */
  maxCommands: number;
  /** Characters that the records of one job may take as JSON. */
  maxParsed: number;
}

/** What a job has its device do, and what is made of its answers. */
interface Doing {
  operation: Operation;
  parsing?: CommandParsing;
}

/** Templates in the place of commands or of a config; what each makes, line by line, is what is sent. */
export async function rendered(
  { templates, maxCommands }: Templating,
  { operation, parsing }: Doing,
  { name, context, options }: Rendering,
  call: TemplateCall,
): Promise<Doing> {
  const made: string[][] = [];
  for (const template of operation.kind === "command" ? operation.commands : operation.lines) {
    const source = templateSource(name, template);
    made.push(linesIn(await templates.render({ name, template: source, context, options }, call)));
  }
  const lines = made.flat();
  if (lines.length === 0) throw new TemplateError("nothing was left to send once it was rendered");
  if (lines.length > maxCommands)
    throw new TemplateError(
      `more than ${maxCommands} lines were rendered; split it or raise job.max_commands`,
    );
  if (operation.kind === "config") return { operation: { ...operation, lines } };
  const forEachLine = <T>(at: (place: number) => T) =>
    made.flatMap((some, place) => some.map(() => at(place)));
  const { commandArgs } = operation;
  const args = commandArgs && forEachLine((place) => commandArgs[place] ?? null);
  return {
    operation: { ...operation, commands: lines, ...(args && { commandArgs: args }) },
    ...(parsing && { parsing: forEachLine((place) => parsingAt(parsing, place)) }),
  };
}

/** What ended a rendering, as the error of its job. */
export function renderingError(error: unknown, secrets: readonly string[]): JobError {
  if (!(error instanceof TemplateError)) throw error;
  return { type: "TemplateError", message: maskKnown(error.message, secrets), retryable: false };
}

/** Parses what commands have printed, one after another, and gives what the output log is to say of it. */
export async function* parsed(
  { templates, maxParsed }: Templating,
  texts: readonly ParsedText[],
  {
    parsing,
    platform,
    secrets,
  }: { parsing: CommandParsing; platform: string | null; secrets: readonly string[] },
  call: TemplateCall,
): AsyncGenerator<string> {
  let left = maxParsed;
  for (const { index, command, text } of texts) {
    const own = parsingAt(parsing, index);
    if (own === null) continue;
    try {
      if (text === null) throw new TemplateError("the output is too long to be parsed");
      const { name, options } = own;
      const template = sourceOf({ ...own, platform: own.platform ?? platform }, command);
      const json = await templates.parse({ name, template, text, options }, call);
      left -= json.length;
      if (left < 0) throw new TemplateError(`the records of all commands exceed templates.max_output`);
      yield encodeParsed(index, json);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      yield encodeFrame({
        kind: "parsed_end",
        index,
        size: 0,
        error: maskKnown(error.message, secrets),
      });
    }
  }
}

function sourceOf({ name, template, platform }: Parsing, command: string): TemplateSource {
  if (template !== null) return templateSource(name, template);
  if (platform === null)
    throw new TemplateError(
      "no template is named, and nothing says what platform the device is; set parsing.platform",
    );
  return { kind: "command", platform, command };
}
