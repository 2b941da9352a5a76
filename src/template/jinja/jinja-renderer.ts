import { TemplateError } from "../../core/errors.ts";
import type { TemplateFolder } from "../folder.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Renderer, RenderOptions, RenderRequest } from "../renderer.ts";
import { readTemplate, withSource } from "../source.ts";
import { callFilter } from "./call-filter.ts";
import { type Environment, openEnvironment } from "./engine.ts";
import { FILTERS } from "./filters/index.ts";
import { missingIn, namesIn } from "./references.ts";

export interface JinjaLimits {
  /** Characters of a template. */
  template: number;
  /** Templates that one may bring in. */
  templates: number;
  /** Characters of the text that it makes. */
  output: number;
  /** Steps of the engine. */
  steps: number;
  /** Bytes of the engine's memory, as the first renderer of a process has it. */
  memory: number;
}

export const JINJA_LIMITS: JinjaLimits = {
  template: DEFAULT_LIMITS.template,
  templates: 100,
  output: 4 * 1024 ** 2,
  steps: 50_000_000,
  memory: 256 * 1024 ** 2,
};

export interface JinjaOptions {
  /** Null: templates come inline only, and include no other. */
  folder: TemplateFolder | null;
  limits?: Partial<JinjaLimits>;
}

/** What an inline template is called in errors. */
const INLINE = "<template>";

/**
 * The renderer `jinja2`: minijinja, with filters of Jinja2 and Ansible. After an error that is no `TemplateError` the
 * engine must not be used any more, in this process.
 */
export class JinjaRenderer implements Renderer {
  readonly name = "jinja2";
  readonly #folder: TemplateFolder | null;
  readonly #limits: JinjaLimits;
  #environment: Environment | null = null;
  /** What a filter found wrong. It may not throw: the engine, which is not ours, would be of no more use. */
  #failure: FilterFailure | null = null;

  constructor({ folder, limits }: JinjaOptions) {
    this.#folder = folder;
    this.#limits = { ...JINJA_LIMITS, ...limits };
  }

  render({ template, context, options = {} }: RenderRequest): string {
    return withSource(this.#folder, template, this.#limits.template, (source) => {
      const name = template.kind === "file" ? template.path : INLINE;
      return new Rendering(this.#prepared(options), this.#folder, this.#limits).run(
        name,
        source,
        context,
        () => this.#takeFailure(),
      );
    });
  }

  #prepared(options: RenderOptions): Environment {
    this.#environment ??= this.#open();
    const environment = this.#environment;
    this.#failure = null;
    environment.clearTemplates();
    environment.trimBlocks = options.trim_blocks ?? false;
    environment.lstripBlocks = options.lstrip_blocks ?? false;
    environment.keepTrailingNewline = options.keep_trailing_newline ?? false;
    environment.undefinedBehavior = options.undefined ?? "strict";
    environment.fuel = this.#limits.steps;
    return environment;
  }

  #open(): Environment {
    const environment = openEnvironment(this.#limits.memory);
    environment.debug = false;
    environment.enablePyCompat();
    environment.removeGlobal("debug");
    for (const [name, filter] of Object.entries(FILTERS)) {
      environment.addFilter(name, (...given: unknown[]) => {
        try {
          if (this.#failure === null) return callFilter(name, filter, given);
        } catch (error) {
          this.#failure = { filter: name, error: asTemplateError(name, error) };
        }
        return undefined; // whatever comes of it is thrown away
      });
    }
    return environment;
  }

  #takeFailure(): FilterFailure | null {
    const failure = this.#failure;
    this.#failure = null;
    return failure;
  }
}

interface FilterFailure {
  filter: string;
  error: TemplateError;
}

/** A fault of ours in a filter is a fault of the template's for now: it must not end the engine. */
function asTemplateError(filter: string, error: unknown): TemplateError {
  if (error instanceof TemplateError) return error;
  const words = error instanceof RangeError ? "too much" : "something that it cannot be used with";
  return new TemplateError(`${filter} is given ${words}`, { cause: error });
}

/** One template with those that it brings in. */
class Rendering {
  readonly #environment: Environment;
  readonly #folder: TemplateFolder | null;
  readonly #limits: JinjaLimits;
  /** By name. */
  readonly #sources = new Map<string, string>();

  constructor(environment: Environment, folder: TemplateFolder | null, limits: JinjaLimits) {
    this.#environment = environment;
    this.#folder = folder;
    this.#limits = limits;
  }

  run(
    name: string,
    source: string,
    context: Readonly<Record<string, unknown>>,
    failure: () => FilterFailure | null,
  ): string {
    this.#add(name, source);
    for (;;) {
      const { text, error } = this.#attempt(name, context);
      const wrong = failure();
      if (wrong !== null) throw this.#ofFilter(wrong, name);
      if (error === null) return this.#checked(text);
      const missing = missingIn(firstLine(error)).filter((each) => !this.#sources.has(each));
      if (missing.length === 0) throw located(reasonOf(error), error, name);
      // A name that was made up as it went: with its template there it gets farther.
      if (missing.filter((each) => this.#addFile(each)).length === 0) throw this.#notThere(missing[0] ?? "");
    }
  }

  #attempt(name: string, context: Readonly<Record<string, unknown>>): { text: string; error: Error | null } {
    try {
      return { text: this.#environment.renderTemplate(name, context), error: null };
    } catch (error) {
      return { text: "", error: ofEngine(error) };
    }
  }

  #checked(text: string): string {
    const { output } = this.#limits;
    if (text.length > output) throw new TemplateError(`the template makes more than ${output} characters`);
    return text;
  }

  /** The engine does not say where it called a filter: where that is used in one line only, it was there. */
  #ofFilter({ filter, error }: FilterFailure, main: string): TemplateError {
    const use = new RegExp(`\\|\\s*${filter}\\b`);
    const places = [...this.#sources].flatMap(([name, source]) =>
      source.split(/\r\n|\r|\n/).flatMap((line, at) => (use.test(line) ? [{ name, line: at + 1 }] : [])),
    );
    const [only, ...others] = places;
    if (only === undefined || others.length > 0)
      return new TemplateError(error.reason, { file: fileOf(main) });
    return new TemplateError(error.reason, { file: fileOf(only.name), line: only.line });
  }

  #add(name: string, source: string): void {
    this.#sources.set(name, source);
    if (this.#sources.size > this.#limits.templates)
      throw new TemplateError(`the template brings in more than ${this.#limits.templates} others`);
    try {
      this.#environment.addTemplate(name, source);
    } catch (error) {
      const of = ofEngine(error);
      throw located(reasonOf(of), of, name);
    }
    for (const each of namesIn(source)) if (!this.#sources.has(each)) this.#addFile(each);
  }

  /** Whether there is such a file. Where it is not and the template goes that way, the engine will say so. */
  #addFile(name: string): boolean {
    if (this.#folder?.has(name) !== true) return false;
    this.#add(name, readTemplate(this.#folder, name, this.#limits.template).text);
    return true;
  }

  /** In the words of whoever reads files: there is no folder, it is outside of it, it is not there. */
  #notThere(name: string): TemplateError {
    try {
      readTemplate(this.#folder, name, this.#limits.template);
    } catch (error) {
      if (error instanceof TemplateError) return error;
      throw error;
    }
    return new TemplateError(`the template ${name} cannot be read`);
  }
}

/** The engine refuses in errors of its own; anything else has left it in pieces. */
function ofEngine(error: unknown): Error {
  if (error instanceof Error && error.constructor === Error && PLACE.test(firstLine(error))) return error;
  throw error;
}

const PLACE = / \(in (.*):(\d+)\)$/;

function firstLine({ message }: Error): string {
  return message.split("\n", 1)[0] ?? "";
}

function reasonOf(error: Error): string {
  const reason = firstLine(error).replace(PLACE, "");
  if (reason === "undefined value") return "a value is undefined";
  if (reason === "engine ran out of fuel") return "the template takes too many steps";
  const [, included] = /^could not render include: error in (".*")$/.exec(reason) ?? [];
  if (included !== undefined)
    return `what is included here, ${included}, fails; rendered by itself it says where`;
  return reason.replace(/^invalid operation: /, "");
}

/** With the template and line that the engine names. */
function located(reason: string, error: Error, main: string): TemplateError {
  const [, name = main, line] = PLACE.exec(firstLine(error)) ?? [];
  return new TemplateError(reason, { file: fileOf(name), line: line === undefined ? null : Number(line) });
}

function fileOf(name: string): string | null {
  return name === INLINE ? null : name;
}
