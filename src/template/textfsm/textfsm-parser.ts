import { TemplateError } from "../../core/errors.ts";
import type { TemplateFile, TemplateFolder } from "../folder.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import type { ParseRequest, Parser, TemplateSource } from "../parser.ts";
import { readTemplate, within } from "../source.ts";
import type { Field } from "./cell.ts";
import { type Attributes, TemplateIndex } from "./index.ts";
import { extendTable } from "./merge.ts";
import { runTemplate, type Table } from "./run.ts";
import { compileTemplate } from "./template.ts";

/** Fields by name; those of a List are lists. */
export type TextFsmRecord = { [name: string]: Field };

export interface TextFsmOptions {
  /** Null: templates come inline only. */
  folder: TemplateFolder | null;
  limits?: Partial<Limits>;
}

const INDEX = "index";

/** The parser `textfsm`. */
export class TextFsmParser implements Parser {
  readonly name = "textfsm";
  readonly #folder: TemplateFolder | null;
  readonly #limits: Limits;
  /** The index last read: to compile a thousand rows takes far longer than to see that none has changed. */
  #index: { version: string; index: TemplateIndex } | null = null;

  constructor({ folder, limits }: TextFsmOptions) {
    this.#folder = folder;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /**
   * One object a record. By platform and command the names are in lower case, as netmiko and ntc-templates
   * give them; else as the template writes them.
   */
  parse({ template, text }: ParseRequest): TextFsmRecord[] {
    const table = this.table(template, text);
    const header =
      template.kind === "command" ? table.header.map((name) => name.toLowerCase()) : table.header;
    return table.rows.map((row) => Object.fromEntries(header.map((name, at) => [name, row[at] ?? ""])));
  }

  /** The records as rows, with the names as the template writes them. */
  table(template: TemplateSource, text: string): Table {
    switch (template.kind) {
      case "inline":
        return this.#run(template.text, text);
      case "file":
        return this.#merged([template.path], text);
      case "command":
        return this.#merged(this.#find(template), text);
    }
  }

  #run(template: string, text: string): Table {
    return runTemplate(compileTemplate(template, this.#limits), text, this.#limits);
  }

  #merged(paths: readonly string[], text: string): Table {
    const [first, ...rest] = paths.map((path) => this.#runFile(path, text));
    if (first === undefined) throw new TemplateError("no template is named");
    return rest.reduce(extendTable, first);
  }

  #runFile(path: string, text: string): Table {
    const { text: template } = this.#read(path);
    return within(path, () => this.#run(template, text));
  }

  #read(path: string): TemplateFile {
    return readTemplate(this.#folder, path, this.#limits.template);
  }

  #find({ platform, command, hostname }: TemplateSource & { kind: "command" }): string[] {
    const attributes: Attributes = {
      Platform: platform,
      Command: command,
      ...(hostname === undefined ? {} : { Hostname: hostname }),
    };
    const file = this.#read(INDEX);
    const found = within(INDEX, () => this.#indexOf(file).find(attributes, { steps: this.#limits.steps }));
    if (found === null) {
      throw new TemplateError("the index has no template for this platform and command", { notFound: true });
    }
    return found;
  }

  #indexOf({ version, text }: TemplateFile): TemplateIndex {
    if (this.#index?.version !== version) this.#index = { version, index: new TemplateIndex(text) };
    return this.#index.index;
  }
}
