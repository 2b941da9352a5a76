import type { Limits } from "../limits.ts";
import { ANONYMOUS, fillRuns, type Group, resetRuns } from "./group.ts";
import { hostnameOf } from "./hostname.ts";
import { DEFAULT_INPUT, groupsOf, type Input } from "./input.ts";
import { Lines, matchGroup } from "./matching.ts";
import { Results } from "./results.ts";
import { Meter, type Scope } from "./scope.ts";
import type { Template } from "./template.ts";
import { type Dict, isDict, type Value } from "./values.ts";

/** What a template has found: a list with an element for each input, or one dictionary or list for all. */
export interface TemplateResults {
  name: string;
  results: Value;
}

/** Takes a text through templates. All regexes, records and results share the limits. Throws `TemplateError`. */
export function runTemplates(
  templates: readonly Template[],
  text: string,
  limits: Limits,
): TemplateResults[] {
  const run = new Run(text, limits);
  for (const template of templates) run.template(template);
  return run.done;
}

class Run {
  readonly done: TemplateResults[] = [];
  readonly #meter: Meter;
  readonly #text: string;
  /** Of the request's text, which all templates parse. */
  #lines: Lines | null = null;
  readonly #globals: Dict = new Map();

  constructor(text: string, limits: Limits) {
    this.#text = normal(text);
    this.#meter = new Meter(limits);
  }

  template(template: Template): void {
    const isMerged = template.results === "per_template";
    const found: Value[] = [];
    let merged: Value = new Map();
    for (const { texts, groups } of this.#inputs(template)) {
      for (const lines of texts) {
        const made = this.#input(template, groups, lines, isMerged ? merged : new Map(), found);
        if (isMerged) merged = made;
        else found.push(flattened(made));
      }
    }
    const results = isMerged ? flattened(merged) : found;
    this.done.push({
      name: template.name,
      results: template.outputs.reduce<Value>((made, output) => output.run(made, template.vars), results),
    });
  }

  /** The template's own inputs, then the request's text; that may be empty where the template has inputs. */
  #inputs({ inputs, groups }: Template): { texts: Lines[]; groups: readonly Group[] }[] {
    const own = [...inputs.values()];
    const index = own.findIndex(({ name }) => name === DEFAULT_INPUT);
    const before: Input = own[index] ?? {
      name: DEFAULT_INPUT,
      texts: [],
      groups: groupsOf(DEFAULT_INPUT, "all", groups, null),
    };
    const linesOf = ({ texts }: Input) => texts.map((text) => new Lines(normal(text)));
    const read = own.map((input) => ({ texts: linesOf(input), groups: input.groups }));
    if (this.#text === "" && own.length > 0) return read;
    this.#lines ??= new Lines(this.#text);
    const whole = { texts: [...linesOf(before), this.#lines], groups: before.groups };
    return index < 0 ? [...read, whole] : read.with(index, whole);
  }

  #input(template: Template, groups: readonly Group[], lines: Lines, into: Value, found: Value[]): Value {
    const scope = this.#scope(template, found);
    for (const name of template.hostnames) {
      const hostname = hostnameOf(lines, this.#meter);
      if (hostname !== null) scope.vars.set(name, hostname);
    }
    for (const group of groups) resetRuns(group);
    const matched = groups.map((group) => ({ group, places: matchGroup(group, lines, scope) }));
    for (const group of groups) {
      fillRuns(group, scope.globals);
      fillRuns(group, scope.vars);
    }
    const whole = matched.filter(({ group, places }) => group.outputs.length === 0 && places.length > 0);
    const root = isDict(into) ? into : new Map<string, Value>();
    const results = new Results(root, scope);
    if (whole.length > 0) saveVariables(template, results, scope);
    for (const { places } of whole) results.take(places);
    results.close();
    const apart = matched.filter(({ group, places }) => group.outputs.length > 0 && places.length > 0);
    if (apart.length === 0 && isDict(into)) return root;
    const before = isDict(into) ? [] : [into].flat(1);
    if (root.size > 0) before.push(root);
    return [...before, ...apart.map(({ group, places }) => this.#apart(template, group, places, scope))];
  }

  /** A group with outputs of its own has results of its own. */
  #apart(template: Template, group: Group, places: ReturnType<typeof matchGroup>, scope: Scope): Value {
    const root: Dict = new Map();
    const results = new Results(root, scope);
    saveVariables(template, results, scope);
    results.take(places);
    results.close();
    return group.outputs.reduce<Value>(
      (made, name) => template.groupOutputs.get(name)?.run(made, template.vars) ?? made,
      root,
    );
  }

  #scope(template: Template, found: readonly Value[]): Scope {
    return {
      vars: new Map(template.vars),
      globals: this.#globals,
      lookups: template.lookups,
      groupResults: (name) => {
        const result = found.find((each) => isDict(each) && each.has(name));
        return isDict(result) ? result.get(name) : undefined;
      },
      templateResults: (name) => {
        const results = this.done.find((each) => each.name === name)?.results;
        return Array.isArray(results) ? results[0] : results;
      },
      meter: this.#meter,
    };
  }
}

/** Text files are read so as well: a line ends in one way. */
function normal(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

function saveVariables({ saved }: Template, results: Results, { vars }: Scope): void {
  for (const { path, names } of [...saved].sort((a, b) => (a.text < b.text ? -1 : 1))) {
    const values = names.flatMap((name): [string, Value][] => {
      const value = vars.get(name);
      return value === undefined ? [] : [[name, value]];
    });
    results.saveVariables(path, new Map(values));
  }
}

/** Takes out what stands for groups without a name. */
function flattened(result: Value): Value {
  if (!isDict(result)) return result;
  const anonymous = result.get(ANONYMOUS);
  if (anonymous === undefined) return result;
  result.delete(ANONYMOUS);
  if (result.size === 0) return anonymous;
  return [...(Array.isArray(anonymous) ? anonymous : [anonymous]), result];
}
