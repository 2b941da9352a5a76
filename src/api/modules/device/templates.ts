import { type Static, Type } from "@sinclair/typebox";
import type { FieldError } from "../../../core/errors.ts";
import type { CommandEntry, ExecRequest } from "../../../engine/engine.ts";
import { PARSERS, type Parsing } from "../../../template/templates.ts";
import { oneOf } from "../../parameters.ts";
import { shape } from "../../shape.ts";
import {
  anyObject,
  parseOptions,
  platform,
  rendererName,
  renderOptions,
  templateText,
} from "../template/schema.ts";

export const rendering = Type.Object(
  {
    name: rendererName,
    template: templateText("The template, where `command` or `config` is an object of its variables"),
    context: Type.Optional(anyObject("Variables; those in `command` or `config` count more.")),
    options: Type.Optional(renderOptions),
  },
  {
    additionalProperties: false,
    description:
      "Render what is sent. `command` or `config` is an object with variables for `template`, or it is the template itself, or a list of them. What a template makes is sent line by line. A template's fault fails the job with `TemplateError` before its device is touched.",
    expected: "an object",
  },
);

export const parsing = Type.Object(
  {
    name: oneOf(PARSERS, "The parser."),
    template: templateText(
      "What to parse each command's output with; without it `textfsm` goes by platform and command",
    ),
    platform,
    options: Type.Optional(parseOptions),
  },
  {
    additionalProperties: false,
    description:
      "Parse what each command prints, into `parsed` of its entry in `outputs`. What cannot be parsed leaves the job as it is, with the reason in `parse_error`.",
    expected: "an object",
  },
);

/** Beside a command of a list. */
export const ownParsing = Type.Union([parsing, Type.Literal(false)], {
  description: "Parse what this command prints so, whatever is said for the others; false: do not parse it.",
  expected: "an object, or false",
});

/** A command with what stands beside it; all but `parsing` is the driver's to judge. */
export interface CommandEntryJson {
  command: string;
  parsing?: Static<typeof ownParsing> | null;
  [name: string]: unknown;
}

const parsingShape = shape(parsing);

/** What is wrong with `parsing` beside commands. */
export function ownParsingErrors(command: unknown): FieldError[] {
  if (!Array.isArray(command)) return [];
  return command.flatMap((entry, place): FieldError[] => {
    const own = isObject(entry) ? (entry.parsing ?? false) : false;
    if (own === false) return [];
    const at = ["body", "command", place];
    if (!isObject(own)) return [{ loc: [...at, "parsing"], msg: "must be an object, or false" }];
    return parsingShape.errors(own, "parsing").map(({ loc, msg }) => ({ loc: [...at, ...loc], msg }));
  });
}

/** In the engine's terms. */
export function commandOf(text: string | (string | CommandEntryJson)[]): string | (string | CommandEntry)[] {
  if (typeof text === "string") return text;
  return text.map((entry): string | CommandEntry => {
    if (typeof entry === "string") return entry;
    const { parsing: own, ...rest } = entry;
    return (own ?? null) === null ? rest : { ...rest, parsing: own ? parsingOf(own) : false };
  });
}

/** Where what is sent may be an object of a template's variables. */
export const variables = Type.Unsafe<Record<string, unknown>>(
  Type.Object({}, { additionalProperties: true, description: "Variables of `rendering.template`." }),
);

const TEXTS = ["command", "config"] as const;

/**
 * Puts the template in the place of the variables that stand for it, and these into its context, so that what is sent is
 * text everywhere else.
 */
export function takeVariables(fields: Record<string, unknown>): FieldError[] {
  const { rendering: asked } = fields;
  const field = TEXTS.find((name) => fields[name] !== undefined);
  if (!isObject(asked) || field === undefined) return [];
  const own = fields[field];
  const { template = null, context = {}, ...rest } = asked;
  const loc = ["body", "rendering", "template"];
  if (!isObject(own)) {
    return template === null
      ? []
      : [{ loc, msg: `is not the only one: ${field} is a template too; keep one` }];
  }
  if (typeof template !== "string" || template === "") {
    fields[field] = "-";
    return [
      { loc, msg: `must be the text of a template, or its file, where ${field} is an object of variables` },
    ];
  }
  fields[field] = template;
  fields.rendering = { ...rest, context: isObject(context) ? { ...context, ...own } : context };
  return [];
}

export function templatesOf(fields: {
  rendering?: Static<typeof rendering>;
  parsing?: Static<typeof parsing>;
}): Pick<ExecRequest, "rendering" | "parsing"> {
  const { rendering: render, parsing: parse } = fields;
  return {
    ...(render && {
      rendering: {
        name: render.name ?? "jinja2",
        context: render.context ?? {},
        options: render.options ?? {},
      },
    }),
    ...(parse && { parsing: parsingOf(parse) }),
  };
}

function parsingOf({ name, template, platform: of, options }: Static<typeof parsing>): Parsing {
  return { name, template: template ?? null, platform: of ?? null, options: options ?? {} };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
