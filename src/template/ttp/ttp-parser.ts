import { TemplateError } from "../../core/errors.ts";
import type { TemplateFolder } from "../folder.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import type { Parsed, ParseRequest, Parser } from "../parser.ts";
import { withSource } from "../source.ts";
import { runTemplates, type TemplateResults } from "./run.ts";
import { compileTemplates } from "./template.ts";
import { fromParsed, isDict, toParsed, type Value } from "./values.ts";

export interface TtpOptions {
  /** Null: templates come inline only. */
  folder: TemplateFolder | null;
  limits?: Partial<Limits>;
}

export interface TtpParsing {
  /**
   * How the results of several templates and inputs are put together: `list`, as TTP does by default, with an
   * element for each template; `dictionary`, by the templates' names; `flat_list`, without those levels.
   */
  structure?: "list" | "dictionary" | "flat_list";
  /** Variables for the template; its own of the same name count more. */
  vars?: Readonly<Record<string, Parsed>>;
}

const MAX_VARIABLES = 100_000;

/** The parser `ttp`. */
export class TtpParser implements Parser {
  readonly name = "ttp";
  readonly #folder: TemplateFolder | null;
  readonly #limits: Limits;

  constructor({ folder, limits }: TtpOptions) {
    this.#folder = folder;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  parse({ template, text }: ParseRequest, { structure = "list", vars = {} }: TtpParsing = {}): Parsed {
    if (text.length > this.#limits.text) {
      throw new TemplateError(`the text is longer than ${this.#limits.text} characters`);
    }
    const given = fromParsed(vars, { values: MAX_VARIABLES });
    return withSource(this.#folder, template, this.#limits.template, (source) => {
      const templates = compileTemplates(source, {
        vars: isDict(given) ? given : new Map(),
        limits: this.#limits,
      });
      return toParsed(structured(runTemplates(templates, text, this.#limits), structure));
    });
  }
}

function structured(
  templates: readonly TemplateResults[],
  structure: NonNullable<TtpParsing["structure"]>,
): Value {
  switch (structure) {
    case "list":
      return templates.map(({ results }) => results);
    case "dictionary":
      return new Map(templates.map(({ name, results }) => [name, results]));
    case "flat_list":
      return templates.flatMap(({ results }) => (Array.isArray(results) ? results.flat(1) : [results]));
  }
}
