import { type Static, Type } from "@sinclair/typebox";
import type { FieldError } from "../../../core/errors.ts";
import type { ExecRequest } from "../../../engine/engine.ts";
import { PARSERS } from "../../../template/templates.ts";
import { oneOf } from "../../parameters.ts";
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
    ...(parse && {
      parsing: {
        name: parse.name,
        template: parse.template ?? null,
        platform: parse.platform ?? null,
        options: parse.options ?? {},
      },
    }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
