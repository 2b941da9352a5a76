import { TemplateError } from "../../core/errors.ts";
import type { Limits } from "../limits.ts";
import { trimEnd } from "../lines.ts";
import { compileGroupFunctions, type GroupStep } from "./group-functions.ts";
import { isUnconditional, type Line, parseLine } from "./line.ts";
import { checkLength, type Path, parsePath } from "./path.ts";
import { compileRule, type Room, type Rule } from "./rule.ts";
import { copyOf, type Dict, isDict } from "./values.ts";
import { linesOf, type XmlElement, type XmlText } from "./xml.ts";

/** A rule with the group that its matches go to. */
export interface GroupRule extends Rule {
  group: Group;
}

export interface Group {
  /** As `name` says, under the groups around. */
  path: Path;
  parent: Group | null;
  starts: GroupRule[];
  ends: GroupRule[];
  others: GroupRule[];
  children: Group[];
  functions: readonly GroupStep[];
  /** What records have where nothing was matched. */
  defaults: Dict;
  /** The values of `defaults` for the input that is parsed: names of variables in them are filled in. */
  runs: Dict;
  /** A group that is not found still gives a record of its defaults. */
  hasStartDefault: boolean;
  /** Names of the inputs that a top group is for; none: all that name it, or no group. */
  inputs: readonly string[];
  outputs: readonly string[];
  line: number;
}

export const GROUP_TAGS = ["group", "grp", "g"];
/** What groups without a name go to; it is taken out of the results. */
export const ANONYMOUS = "_anonymous_";

const OWN_ATTRIBUTES = ["name", "method", "input", "output", "default"];

/** What groups are compiled with. */
export interface GroupContext {
  vars: Dict;
  separator: string;
  room: Room;
  limits: Pick<Limits, "regexes">;
}

export function compileGroup(element: XmlElement, context: GroupContext): Group {
  return new GroupCompiler(element, context, null).compile();
}

/** A template without tags is one group. */
export function compileAnonymous(text: readonly XmlText[], line: number, context: GroupContext): Group {
  const attributes = new Map([["name", { value: ANONYMOUS, line }]]);
  return compileGroup({ name: "group", attributes, text: [...text], children: [], tail: [], line }, context);
}

class GroupCompiler {
  readonly #element: XmlElement;
  readonly #context: GroupContext;
  readonly #group: Group;
  /** Each line starts a record. */
  readonly #isTable: boolean;

  constructor(element: XmlElement, context: GroupContext, parent: Group | null) {
    this.#element = element;
    this.#context = context;
    this.#isTable = isTable(element);
    this.#group = {
      path: this.#path(element, parent),
      parent,
      starts: [],
      ends: [],
      others: [],
      children: [],
      functions: this.#functions(),
      defaults: new Map(),
      runs: new Map(),
      hasStartDefault: false,
      inputs: this.#names("input", parent),
      outputs: this.#names("output", parent),
      line: element.line,
    };
  }

  compile(): Group {
    const { children, text } = this.#element;
    this.#lines(text, false);
    for (const child of children) {
      if (!GROUP_TAGS.includes(child.name.toLowerCase())) {
        throw new TemplateError(`<${child.name}> cannot stand inside a group`, { line: child.line });
      }
      this.#group.children.push(new GroupCompiler(child, this.#context, this.#group).compile());
      this.#lines(child.tail, true);
    }
    this.#finish();
    return this.#group;
  }

  #attribute(name: string): string | null {
    return this.#element.attributes.get(name)?.value ?? null;
  }

  #path({ attributes, line }: XmlElement, parent: Group | null): Path {
    const name = attributes.get("name")?.value.trim() ?? "";
    if (name === "" && parent !== null)
      throw new TemplateError("a group inside a group needs a name", { line });
    if (name === "" || name === "/") return parsePath(`${ANONYMOUS}*`, "\0", line);
    const absolute = name.startsWith("/");
    const own = parsePath(name.replace(/^\/+/, ""), this.#context.separator, line);
    return checkLength(absolute || parent === null ? own : [...parent.path, ...own], line);
  }

  #names(attribute: string, parent: Group | null): string[] {
    const found = this.#element.attributes.get(attribute);
    if (found === undefined) return [];
    if (parent !== null) {
      throw new TemplateError(`${attribute}= counts for groups that are in no other group`, {
        line: found.line,
      });
    }
    return found.value.split(",").map((name) => name.trim());
  }

  #functions(): GroupStep[] {
    const { vars } = this.#context;
    return [...this.#element.attributes]
      .filter(([name]) => !OWN_ATTRIBUTES.includes(name.toLowerCase()))
      .flatMap(([name, { value, line }]) => compileGroupFunctions(name, value, line, vars));
  }

  /** `behind`: those that stand behind a nested group; none of them is the first line of this one. */
  #lines(texts: readonly XmlText[], behind: boolean): void {
    let first = !behind;
    for (const { text, line } of linesOf(texts)) {
      const content = text.trimStart();
      if (content === "" || content.startsWith("##")) continue;
      const parsed = parseLine(trimEnd(text), line, this.#context.vars);
      this.#takeDefaults(parsed);
      if (isUnconditional(parsed)) continue;
      this.#rule(parsed, first, behind);
      first = false;
    }
  }

  /** The group's default for all variables, and what a variable has for itself. */
  #takeDefaults(line: Line): void {
    const general = this.#generalDefault();
    const unconditional = isUnconditional(line);
    for (const part of line.parts) {
      if (typeof part === "string" || part.kind !== "capture" || part.name === "_line_") continue;
      const { defaults } = this.#group;
      if (typeof general === "string" && !defaults.has(part.name)) defaults.set(part.name, general);
      if (part.defaultValue !== undefined) defaults.set(part.name, part.defaultValue);
      if (unconditional) this.#takeSet(part, line.number);
    }
  }

  #takeSet({ name, set, steps }: Exclude<Line["parts"][number], string>, line: number): void {
    if (steps.length > 0) {
      throw new TemplateError("functions behind a set that stands alone on its line are not run", { line });
    }
    if (set === null) {
      throw new TemplateError("set cannot share a line with variables that match", { line });
    }
    this.#group.defaults.set(name, set.value);
  }

  /** The value itself, or that of the template's variable that it names. */
  #generalDefault() {
    const name = this.#attribute("default");
    return name === null ? null : (this.#context.vars.get(name) ?? name);
  }

  #rule(line: Line, first: boolean, behind: boolean): void {
    const { starts, ends, others } = this.#group;
    const rule = compileRule(line, this.#context.vars, this.#context.room, this.#context.limits);
    const isStart = rule.action === "start" || rule.action === "start-empty";
    if (rule.action === "end") ends.push({ ...rule, group: this.#group });
    else if (behind) others.push({ ...rule, group: this.#group });
    else if (isStart) starts.push({ ...rule, group: this.#group });
    else if (first || this.#isTable) starts.push({ ...rule, action: "start", group: this.#group });
    else others.push({ ...rule, group: this.#group });
  }

  #finish(): void {
    const { starts, ends, others, defaults, line } = this.#group;
    const general = this.#generalDefault();
    if (isDict(general)) {
      for (const [name, value] of general) defaults.set(name, copyOf(value));
      this.#group.hasStartDefault = starts.length === 0;
    } else if (general !== null && typeof general !== "string") {
      throw new TemplateError("the default of a group is a text, or a variable with a dictionary", { line });
    }
    if (starts.length === 0 && ends.length + others.length > 0) {
      throw new TemplateError(
        "the group has no line that starts it; the first one stands before nested groups",
        {
          line,
        },
      );
    }
    const names = starts.flatMap(({ captures, sets }) => [...captures, ...sets].map(({ name }) => name));
    this.#group.hasStartDefault ||= names.some((name) => defaults.has(name));
  }
}

function isTable({ attributes, line }: XmlElement): boolean {
  const method = attributes.get("method")?.value.trim().toLowerCase() ?? "group";
  if (method === "group" || method === "table") return method === "table";
  throw new TemplateError("the method of a group is group or table", { line });
}

/** Before an input is parsed. */
export function resetRuns(group: Group): void {
  group.runs = new Map([...group.defaults].map(([name, value]) => [name, copyOf(value)]));
  for (const child of group.children) resetRuns(child);
}

/** Defaults that name a variable become its value. */
export function fillRuns(group: Group, variables: Dict): void {
  for (const [name, value] of group.runs) {
    const known = typeof value === "string" ? variables.get(value) : undefined;
    if (known !== undefined) group.runs.set(name, known);
  }
  for (const child of group.children) fillRuns(child, variables);
}
