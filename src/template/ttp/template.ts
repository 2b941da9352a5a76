import { TemplateError } from "../../core/errors.ts";
import type { Limits } from "../limits.ts";
import { compileAnonymous, compileGroup, GROUP_TAGS, type Group, type GroupContext } from "./group.ts";
import { compileInput, DEFAULT_INPUT, INPUT_TAGS, type Input } from "./input.ts";
import { loadDict, refuse } from "./load.ts";
import { compileOutput, OUTPUT_TAGS, type Output } from "./output.ts";
import { type Path, parsePath } from "./path.ts";
import type { Room } from "./rule.ts";
import type { Dict } from "./values.ts";
import { linesOf, readXml, type XmlElement, type XmlText } from "./xml.ts";

/** A template that was read and found right. */
export interface Template {
  name: string;
  /** A result for each input, or one for all of them. */
  results: "per_input" | "per_template";
  vars: Dict;
  /** Variables whose value is the hostname in the text. */
  hostnames: readonly string[];
  /** Variables that go into the results, by path. */
  saved: readonly { text: string; path: Path; names: readonly string[] }[];
  lookups: Dict;
  groups: readonly Group[];
  /** By name, in the order of the template. */
  inputs: ReadonlyMap<string, Input>;
  outputs: readonly Output[];
  groupOutputs: ReadonlyMap<string, Output>;
}

const VARS_TAGS = ["vars", "variables", "v"];
/** Getters of TTP that ask for what a text does not say. */
const REFUSED_GETTERS: Readonly<Record<string, string>> = {
  getfilename: "there are no files",
  get_time: "a text gives the same results at any time",
  get_date: "a text gives the same results at any time",
  get_timestamp: "a text gives the same results at any time",
  get_timestamp_ms: "a text gives the same results at any time",
  get_timestamp_iso: "a text gives the same results at any time",
  get_time_ns: "a text gives the same results at any time",
};
const REFUSED_TAGS: Readonly<Record<string, string>> = {
  macro: "it is code that comes with the template",
  extend: "a template is in one piece",
};

export interface CompileOptions {
  /** Variables from outside; the template's own come over them. */
  vars: Dict;
  limits: Pick<Limits, "regexes">;
}

/** Reads a template, or the several in one; throws `TemplateError`. */
export function compileTemplates(text: string, options: CompileOptions): Template[] {
  const root = single(readXml(text));
  const templates = root.children.filter((child) => tagOf(child) === "template");
  const room: Room = { regexes: options.limits.regexes };
  if (templates.length === 0) return [new TemplateCompiler(root, "_root_template_", options, room).compile()];
  checkText(root);
  for (const child of root.children) {
    if (tagOf(child) === "template" || tagOf(child) === "doc") continue;
    throw new TemplateError(`<${child.name}> beside <template> counts for none of them; put it inside`, {
      line: child.line,
    });
  }
  return templates.map((child, at) => new TemplateCompiler(child, String(at), options, room).compile());
}

/** The one element `template` that the text is, or what has no such tag around it. */
function single(root: XmlElement): XmlElement {
  const [only, ...more] = root.children;
  const alone = only !== undefined && more.length === 0 && tagOf(only) === "template";
  const around = [...root.text, ...(only?.tail ?? [])].some(({ text }) => text.trim() !== "");
  return alone && !around ? only : root;
}

function tagOf({ name }: XmlElement): string {
  return name.toLowerCase();
}

/** Text between tags would be read by nobody; comments may stand there. */
function checkText({ text, children }: XmlElement): void {
  const texts: (readonly XmlText[])[] = [text, ...children.map(({ tail }) => tail)];
  const stray = texts
    .flatMap((each) => linesOf(each))
    .find(({ text }) => text.trim() !== "" && !text.trimStart().startsWith("##"));
  if (stray !== undefined) throw new TemplateError("text stands outside of a group", { line: stray.line });
}

class TemplateCompiler {
  readonly #element: XmlElement;
  readonly #context: GroupContext;
  readonly #vars: Dict;
  readonly #saved: { text: string; path: Path; names: string[] }[] = [];
  #name: string;

  constructor(element: XmlElement, name: string, { vars, limits }: CompileOptions, room: Room) {
    this.#element = element;
    this.#name = name;
    this.#vars = new Map(vars);
    this.#context = { vars: this.#vars, separator: this.#separator(), room, limits };
  }

  compile(): Template {
    const results = this.#attributes();
    if (this.#element.children.length === 0) return this.#made(results, [this.#anonymous()]);
    checkText(this.#element);
    for (const child of this.#element.children) this.#checkTag(child);
    for (const child of this.#tagged(VARS_TAGS)) this.#variables(child);
    return this.#made(
      results,
      this.#tagged(GROUP_TAGS).map((child) => compileGroup(child, this.#context)),
    );
  }

  #made(results: Template["results"], groups: Group[]): Template {
    const { global, ofGroups } = this.#outputs(groups);
    return {
      name: this.#name,
      results,
      vars: this.#vars,
      hostnames: this.#getters(),
      saved: this.#saved,
      lookups: this.#lookups(),
      groups,
      inputs: this.#inputs(groups),
      outputs: global,
      groupOutputs: ofGroups,
    };
  }

  #anonymous(): Group {
    return compileAnonymous(this.#element.text, this.#element.line, this.#context);
  }

  #tagged(tags: readonly string[]): XmlElement[] {
    return this.#element.children.filter((child) => tags.includes(tagOf(child)));
  }

  #checkTag(child: XmlElement): void {
    const tag = tagOf(child);
    if ([...VARS_TAGS, ...GROUP_TAGS, ...OUTPUT_TAGS, ...INPUT_TAGS, "lookup", "doc"].includes(tag)) return;
    const why = Object.hasOwn(REFUSED_TAGS, tag) ? REFUSED_TAGS[tag] : undefined;
    const reason =
      why === undefined ? `there is no tag <${child.name}>` : `<${tag}> is not supported: ${why}`;
    throw new TemplateError(tag === "template" ? "templates are nested once only" : reason, {
      line: child.line,
    });
  }

  #separator(): string {
    const pathchar = this.#element.attributes.get("pathchar");
    if (pathchar === undefined) return ".";
    if (Array.from(pathchar.value).length !== 1) {
      throw new TemplateError("pathchar= is one character", { line: pathchar.line });
    }
    return pathchar.value;
  }

  #attributes(): Template["results"] {
    let results: Template["results"] = "per_input";
    refuse(this.#element, "base_path", "data from files");
    for (const [name, { value, line }] of this.#element.attributes) {
      if (name === "name") this.#name = value.trim();
      else if (name === "results" && (value === "per_input" || value === "per_template")) results = value;
      else if (name === "results") throw new TemplateError("results= is per_input or per_template", { line });
      else if (name !== "pathchar") throw new TemplateError(`a template has no attribute ${name}`, { line });
    }
    return results;
  }

  #variables(element: XmlElement): void {
    checkAttributes(element, ["name", "load", "key", "include"]);
    const variables = loadDict(element);
    for (const [name, value] of variables) this.#vars.set(name, value);
    const path = element.attributes.get("name");
    if (path === undefined) return;
    const names = [...variables.keys()];
    const known = this.#saved.find(({ text }) => text === path.value);
    if (known !== undefined) known.names.push(...names);
    else this.#saved.push({ text: path.value, path: parsePath(path.value, ".", path.line), names });
  }

  /** Takes variables out whose value is the name of a getter, so that nothing takes that name for it. */
  #getters(): string[] {
    const hostnames: string[] = [];
    for (const [name, value] of [...this.#vars]) {
      if (typeof value !== "string") continue;
      if (Object.hasOwn(REFUSED_GETTERS, value)) {
        throw new TemplateError(`the getter ${value} is not supported: ${REFUSED_GETTERS[value]}`, {
          line: this.#tagged(VARS_TAGS)[0]?.line ?? null,
        });
      }
      if (value !== "gethostname") continue;
      hostnames.push(name);
      this.#vars.delete(name);
    }
    return hostnames;
  }

  #lookups(): Dict {
    const lookups: Dict = new Map();
    for (const element of this.#tagged(["lookup"])) {
      refuse(element, "database", "databases in files");
      checkAttributes(element, ["name", "load", "key", "include"]);
      const name = element.attributes.get("name")?.value.trim() ?? "";
      if (name === "") throw new TemplateError("a lookup table needs a name", { line: element.line });
      lookups.set(name, loadDict(element));
    }
    return lookups;
  }

  #inputs(groups: readonly Group[]): Map<string, Input> {
    const inputs = new Map<string, Input>();
    for (const element of this.#tagged(INPUT_TAGS)) {
      const input = compileInput(element, groups);
      const before = inputs.get(input.name);
      inputs.set(input.name, before === undefined ? input : joined(before, input));
    }
    for (const group of groups) {
      const missing = group.inputs.find((name) => !inputs.has(name) && name !== DEFAULT_INPUT);
      if (missing === undefined) continue;
      throw new TemplateError(`there is no input ${missing}, and files are not read`, { line: group.line });
    }
    return inputs;
  }

  /** Those that a group names are for that group alone. */
  #outputs(groups: readonly Group[]): { global: Output[]; ofGroups: Map<string, Output> } {
    const outputs = this.#tagged(OUTPUT_TAGS).map(compileOutput);
    const ofGroups = new Map<string, Output>();
    for (const { outputs: names, line } of groups) {
      for (const name of names) {
        const output = outputs.find((each) => each.name === name);
        if (output === undefined) throw new TemplateError(`there is no output ${name}`, { line });
        ofGroups.set(name, output);
      }
    }
    return { global: outputs.filter(({ name }) => name === null || !ofGroups.has(name)), ofGroups };
  }
}

function checkAttributes({ name, attributes }: XmlElement, known: readonly string[]): void {
  for (const [attribute, { line }] of attributes) {
    if (!known.includes(attribute))
      throw new TemplateError(`<${name}> has no attribute ${attribute}`, { line });
  }
}

function joined(one: Input, other: Input): Input {
  return {
    name: one.name,
    texts: [...new Set([...one.texts, ...other.texts])],
    groups: [...new Set([...one.groups, ...other.groups])],
  };
}
