import type { Group, GroupRule } from "./group.ts";
import { asList, type GroupRecord, type GroupStep } from "./group-functions.ts";
import { isSamePath, type Path, startsWith } from "./path.ts";
import type { Scope } from "./scope.ts";
import { type Step, Tree } from "./tree.ts";
import { copyOf, type Dict, str, type Value } from "./values.ts";

/** A match of a rule; its result is null where a function of it dropped it. */
export interface Candidate {
  rule: Pick<GroupRule, "action" | "group" | "isLine" | "join">;
  result: Dict | null;
}

/** The record that is put together. */
interface Current {
  fields: Dict;
  defaults: Dict;
  path: Path;
  functions: readonly GroupStep[];
  group: Group | null;
}

/**
 * Makes results of matches in the order of the text, as TTP does: a start closes the record before and begins
 * one, other matches add to it, and a dropped start or an end locks its group until the next start.
 */
export class Results {
  readonly #tree: Tree;
  readonly #scope: Scope;
  /** Groups that have started and not been left. */
  readonly #started: Group[] = [];
  /** Values that paths have taken out of records. */
  readonly #taken: Dict = new Map();
  #current: Current = { fields: new Map(), defaults: new Map(), path: [], functions: [], group: null };
  #locked: Path | null = null;

  constructor(root: Dict, scope: Scope) {
    this.#tree = new Tree(root);
    this.#scope = scope;
  }

  /** Variables that the template wants among the results. */
  saveVariables(path: Path, variables: Dict): void {
    this.#current = { ...this.#current, fields: variables };
    const steps = this.#steps(path, variables);
    if (steps !== null) this.#save(steps, variables);
    this.#current = { ...this.#current, fields: new Map() };
  }

  /** The matches of one top group, by their places in the text. */
  take(places: Iterable<readonly Candidate[]>): void {
    this.#locked = null;
    for (const candidates of places) {
      const chosen = this.#choose(candidates);
      if (chosen !== null) this.#match(chosen);
    }
  }

  /** Saves the last record. */
  close(): void {
    this.#saveCurrent();
    this.#current = { fields: new Map(), defaults: new Map(), path: [], functions: [], group: null };
  }

  /** Of several rules that match at one place: starts come first, lines that match anything last. */
  #choose(candidates: readonly Candidate[]): Candidate | null {
    const isStart = ({ rule }: Candidate) => rule.action === "start" || rule.action === "start-empty";
    const lines = candidates.filter(({ rule }) => rule.isLine);
    const starts = candidates.filter((each) => !each.rule.isLine && isStart(each));
    const others = candidates.filter((each) => !each.rule.isLine && !isStart(each));
    const current = this.#current.group;
    const own = (each: Candidate) => each.rule.group === current;
    if (candidates.length === 1) return candidates[0] ?? null;
    if (starts.length > 0) {
      const valid = starts.filter(({ result }) => result !== null);
      const inside = (each: Candidate) => current !== null && startsWith(each.rule.group.path, current.path);
      return valid.find((each) => own(each) || inside(each)) ?? valid.at(-1) ?? starts.at(-1) ?? null;
    }
    const kind = others.length > 0 ? others : lines;
    return kind.find(own) ?? kind.at(-1) ?? null;
  }

  #match({ rule, result }: Candidate): void {
    const { path } = rule.group;
    if (result === null) {
      this.#locked = path;
      return;
    }
    if (this.#isLocked(rule)) return;
    switch (rule.action) {
      case "start":
        return this.#start(rule.group, result);
      case "start-empty":
        return this.#start(rule.group, new Map());
      case "add":
        return this.#add(rule.group, result);
      case "join":
        return this.#join(rule, result);
      case "end":
        return this.#end(rule.group);
    }
  }

  #isLocked({ action, group }: Candidate["rule"]): boolean {
    const locked = this.#locked;
    if (locked === null) return false;
    const inside = startsWith(group.path, locked);
    if (action !== "start" && action !== "start-empty") return inside;
    if (inside && !isSamePath(group.path, locked)) return true;
    this.#locked = null;
    return false;
  }

  #start(group: Group, fields: Dict): void {
    while (this.#started.length > 0 && this.#started.at(-1) !== group.parent) this.#started.pop();
    this.#started.push(group);
    this.#saveCurrent();
    this.#scope.meter.record();
    this.#current = {
      fields,
      defaults: new Map(group.runs),
      path: group.path,
      functions: group.functions,
      group,
    };
  }

  /** What is there already stays. */
  #add(group: Group, result: Dict): void {
    if (isSamePath(this.#current.path, group.path)) {
      const { fields } = this.#current;
      for (const [name, value] of result) if (!fields.has(name)) fields.set(name, value);
    } else if (this.#started.includes(group)) {
      const steps = this.#steps(group.path, null);
      if (steps === null) return;
      this.#scope.meter.keep(result);
      this.#tree.update(steps, result);
    }
  }

  #join(rule: Candidate["rule"], result: Dict): void {
    if (!isSamePath(this.#current.path, rule.group.path)) return;
    const { fields } = this.#current;
    for (const [name, value] of result) {
      const before = fields.get(name);
      fields.set(name, before === undefined ? value : this.#joined(before, value, rule.join));
    }
  }

  #joined(before: Value, value: Value, between: string): Value {
    if (typeof before === "string" && typeof value === "string") {
      this.#scope.meter.checkLength(before.length + between.length + value.length);
      return before + between + value;
    }
    if (!Array.isArray(before)) return Array.isArray(value) ? [before, ...value] : [before, value];
    if (Array.isArray(value)) for (const each of value) before.push(each);
    else before.push(value);
    return before;
  }

  #end(group: Group): void {
    const last = this.#started.at(-1);
    if (!isSamePath(this.#current.path, group.path) && (last === undefined || last === group)) return;
    this.#locked = group.path;
  }

  #saveCurrent(): void {
    const current = this.#current;
    if (current.group === null) return;
    for (const [name, value] of current.defaults)
      if (!current.fields.has(name)) current.fields.set(name, copyOf(value));
    const record: GroupRecord = {
      fields: current.fields,
      defaults: current.defaults,
      item: undefined,
      put: (path, item) => this.#put(path, item, record.fields),
    };
    if (!current.functions.every((run) => run(record, this.#scope))) return;
    const path = record.item === undefined ? current.path : asList(current.path);
    const steps = this.#steps(path, record.fields);
    if (steps !== null) this.#save(steps, record.item ?? record.fields);
  }

  #put(path: Path, item: Value, fields: Dict): void {
    for (const [name, value] of fields) this.#taken.set(name, value);
    const steps = this.#steps(path, null);
    if (steps !== null) this.#save(steps, item);
  }

  #save(steps: readonly Step[], record: Value): void {
    this.#scope.meter.keep(record);
    this.#tree.save(steps, record);
  }

  /**
   * A path with its variables filled in: from the record, which then has them no more, from what records
   * before had, or from the template's variables. Null where one is not known.
   */
  #steps(path: Path, fields: Dict | null): Step[] | null {
    const { meter, vars } = this.#scope;
    let complete = true;
    let length = 0;
    const value = (name: string): string => {
      const own = fields?.get(name);
      if (own !== undefined) {
        this.#taken.set(name, own);
        fields?.delete(name);
      }
      const known = this.#taken.get(name) ?? vars.get(name);
      if (known === undefined) complete = false;
      const text = str(known ?? null);
      length += text.length;
      meter.checkLength(length);
      return text;
    };
    const steps = path.map(({ text, parts, below, isNull }) => ({
      text,
      name: parts.map((part) => (typeof part === "string" ? part : value(part.variable))).join(""),
      below,
      isNull,
    }));
    meter.keepLength(length);
    return complete ? steps : null;
  }
}
