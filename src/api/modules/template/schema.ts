import { type Static, Type } from "@sinclair/typebox";
import { PARSERS, type Parsed, RENDERERS } from "../../../template/templates.ts";
import { oneOf } from "../../parameters.ts";
import { shape } from "../../shape.ts";

const text = (description: string, expected: string, maxLength: number) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description, expected }));

const flag = (description: string) =>
  Type.Optional(Type.Boolean({ description, expected: "true or false", default: false }));

/** Its content is the request's own. */
export function anyObject(description: string) {
  return Type.Unsafe<Record<string, unknown>>(
    Type.Object({}, { description, additionalProperties: true, expected: "an object" }),
  );
}

export const renderOptions = Type.Object(
  {
    trim_blocks: flag("The line end behind a block is left out."),
    lstrip_blocks: flag("Blanks before a block at the beginning of its line are left out."),
    keep_trailing_newline: flag("The template's last line end is kept."),
    undefined: Type.Optional(
      oneOf(
        ["strict", "lenient", "chainable"],
        "What is undefined: refused where it is used (`strict`, the default), an empty text, or one whose attributes are undefined too.",
      ),
    ),
  },
  { additionalProperties: false, description: "As Jinja2's environment has them." },
);

export const parseOptions = Type.Object(
  {
    match: Type.Optional(oneOf(["all", "first"], "`regex`: every match, the default, or the first.")),
    multiline: Type.Optional(
      Type.Boolean({
        description: "`regex`: `^` and `$` match at each line.",
        expected: "true or false",
        default: true,
      }),
    ),
    structure: Type.Optional(
      oneOf(["list", "dictionary", "flat_list"], "`ttp`: how results are put together. Default `list`."),
    ),
    vars: Type.Optional(
      Type.Unsafe<Record<string, Parsed>>(
        Type.Object(
          {},
          {
            description: "`ttp`: variables for the template.",
            additionalProperties: true,
            expected: "an object",
          },
        ),
      ),
    ),
  },
  { additionalProperties: false, description: "Each parser takes its own." },
);

export const templateText = (what: string) =>
  text(
    `${what}: the template itself, or a file of the template folder by its path or as \`file:///…\`.`,
    "the text of a template, or its file",
    1_048_576,
  );

export const rendererName = Type.Optional(oneOf(RENDERERS, "The renderer, where the path does not name it."));
export const parserName = Type.Optional(oneOf(PARSERS, "The parser, where the path does not name it."));

export const platform = text(
  "`textfsm` without a template: the platform that the index of the template folder is asked for.",
  "the name of a platform",
  256,
);

export const renderShape = shape(
  Type.Object(
    {
      name: rendererName,
      template: Type.String({
        minLength: 1,
        maxLength: 1_048_576,
        description: "The template itself, or a file of the template folder by its path or as `file:///…`.",
        expected: "the text of a template, or its file",
      }),
      context: Type.Optional(anyObject("The template's variables.")),
      options: Type.Optional(renderOptions),
    },
    { $id: "RenderRequest", additionalProperties: false },
  ),
);
export type RenderFields = Static<typeof renderShape.schema>;

export const parseShape = shape(
  Type.Object(
    {
      name: parserName,
      template: templateText("What to parse with"),
      context: Type.String({
        description: "The text to parse: what a device printed.",
        expected: "the text to parse",
      }),
      platform,
      command: text("`textfsm` without a template: the command that printed the text.", "a command", 4096),
      options: Type.Optional(parseOptions),
    },
    { $id: "ParseRequest", additionalProperties: false },
  ),
);
export type ParseFields = Static<typeof parseShape.schema>;
