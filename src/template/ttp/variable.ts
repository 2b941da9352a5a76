import { TemplateError } from "../../core/errors.ts";
import { type Call, parseCalls } from "./calls.ts";
import { compileStep, type Step } from "./match/index.ts";
import { isPattern, patternOf, resolvePattern } from "./patterns.ts";
import { type Dict, kindOf, type Value } from "./values.ts";

/** What a `{{ … }}` is: it captures, is passed over, or says something of its line. */
export type VariableKind = "capture" | "ignore" | "start" | "end" | "exact" | "headers";

export interface Variable {
  kind: VariableKind;
  name: string;
  /** Of a capture: what may be found there. Of an `ignore`: what is passed over. */
  regex: string;
  steps: Step[];
  /** By `set`: the line says it, and the match gives nothing. */
  set: { value: Value } | null;
  defaultValue: Value | undefined;
  isStart: boolean;
  isLine: boolean;
  isExact: boolean;
  isExactSpace: boolean;
  /** Matches are put together, with this between them; null: the last one counts. */
  join: string | null;
  /** Of `_headers_`: how many columns must be there. */
  columns: number | null;
}

const ALONE: ReadonlyMap<string, VariableKind> = new Map<string, VariableKind>([
  ["ignore", "ignore"],
  ["_start_", "start"],
  ["_end_", "end"],
  ["_exact_", "exact"],
  ["_exact_space_", "exact"],
  ["_headers_", "headers"],
]);
const MAX_CHAIN = 10;
/** Chains of chains could make millions. */
const MAX_FUNCTIONS = 200;

/** Reads what stands between `{{` and `}}`. */
export function parseVariable(text: string, line: number, vars: Dict): Variable {
  const [first, ...calls] = parseCalls(text, line);
  if (first === undefined) throw new TemplateError("a {{ }} is empty", { line });
  return new VariableReader(first, line, vars).read(calls);
}

class VariableReader {
  readonly #variable: Variable;
  readonly #first: Call;
  readonly #line: number;
  readonly #vars: Dict;
  readonly #patterns: string[] = [];
  #functions = 0;

  constructor(first: Call, line: number, vars: Dict) {
    const { name } = first;
    this.#first = first;
    this.#line = line;
    this.#vars = vars;
    this.#variable = {
      kind: ALONE.get(name) ?? "capture",
      name,
      regex: "",
      steps: [],
      set: null,
      defaultValue: undefined,
      isStart: name === "_start_",
      isLine: name === "_line_",
      isExact: name === "_exact_",
      isExactSpace: name === "_exact_space_",
      join: name === "_line_" ? "\n" : null,
      columns: null,
    };
    if (name === "_line_") this.#patterns.push(patternOf("_line_"));
  }

  read(calls: readonly Call[]): Variable {
    const { kind, name } = this.#variable;
    if (kind === "ignore") this.#ignore(calls);
    else {
      if (this.#first.args.length + this.#first.kwargs.size > 0)
        this.#fail(`${name} is a name and is not called`);
      if (kind !== "capture" && kind !== "headers" && calls.length > 0) {
        this.#fail(`${name} stands alone between {{ and }}`);
      }
      this.#take(calls, 0);
      const [only = patternOf("WORD"), ...more] = this.#patterns;
      this.#variable.regex = [only, ...more].map((pattern) => `(?:${pattern})`).join("|");
    }
    return this.#variable;
  }

  #ignore(calls: readonly Call[]): void {
    const { args, kwargs } = this.#first;
    const [pattern = "WORD"] = args;
    if (calls.length > 0) this.#fail('ignore takes no functions; give what to ignore as ignore("PHRASE")');
    if (args.length > 1 || kwargs.size > 0 || typeof pattern !== "string") {
      this.#fail("ignore takes one regex, pattern or variable");
    }
    this.#variable.regex = resolvePattern(pattern, this.#vars, this.#line);
  }

  #take(calls: readonly Call[], depth: number): void {
    for (const call of calls) this.#one(call, depth);
  }

  #one(call: Call, depth: number): void {
    const variable = this.#variable;
    if (++this.#functions > MAX_FUNCTIONS) this.#fail(`a variable has more than ${MAX_FUNCTIONS} functions`);
    if (variable.kind === "headers" && call.name !== "columns") {
      this.#fail(
        "_headers_ takes no function but columns(); what it finds goes through the group's functions",
      );
    }
    switch (call.name) {
      case "_start_":
        variable.isStart = true;
        return;
      case "_line_":
        variable.isLine = true;
        variable.join ??= "\n";
        this.#patterns.push(patternOf("_line_"));
        return;
      case "_exact_":
        variable.isExact = true;
        return;
      case "_exact_space_":
        variable.isExactSpace = true;
        return;
      case "_end_":
        return this.#fail(
          "_end_ with a match variable is not supported; write {{ _end_ }} behind the line's text",
        );
      case "chain":
        return this.#chain(call, depth);
      default:
        return this.#function(call);
    }
  }

  #function(call: Call): void {
    const variable = this.#variable;
    switch (call.name) {
      case "re":
        this.#patterns.push(resolvePattern(this.#text(call), this.#vars, this.#line));
        return;
      case "set":
        if (variable.steps.length > 0) this.#fail("set stands before all other functions");
        variable.set = { value: this.#only(call) };
        return;
      case "default":
        variable.defaultValue = call.args.length === 0 ? "None" : this.#only(call);
        return;
      case "joinmatches":
        variable.join = call.args.length === 0 ? "\n" : this.#text(call);
        return;
      case "columns":
        variable.columns = this.#columns(call);
        return;
      default:
        if (isPattern(call.name)) this.#patterns.push(resolvePattern(call.name, this.#vars, this.#line));
        else variable.steps.push(compileStep(call, this.#vars));
    }
  }

  /** Functions that a variable of the template has. */
  #chain(call: Call, depth: number): void {
    const name = this.#text(call);
    const value = this.#vars.get(name);
    if (value === undefined) this.#fail(`chain: there is no variable ${name}`);
    if (depth >= MAX_CHAIN) this.#fail(`chain: chains are nested more than ${MAX_CHAIN} deep`);
    for (const each of Array.isArray(value) ? value : [value]) {
      if (typeof each !== "string") this.#fail(`chain: the variable ${name} is a text or a list of texts`);
      this.#take(parseCalls(each, this.#line), depth + 1);
    }
  }

  #columns(call: Call): number {
    const count = this.#only(call);
    if (this.#variable.kind !== "headers") this.#fail("columns() belongs to _headers_");
    if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 1) {
      this.#fail("columns() takes a whole number from 1");
    }
    return count;
  }

  #only({ name, args, kwargs }: Call): Value {
    const [value] = args;
    if (value === undefined || args.length > 1 || kwargs.size > 0) this.#fail(`${name} takes one value`);
    return value;
  }

  #text(call: Call): string {
    const value = this.#only(call);
    if (typeof value !== "string") this.#fail(`${call.name} takes a text, not ${kindOf(value)}`);
    return value;
  }

  #fail(reason: string): never {
    throw new TemplateError(reason, { line: this.#line });
  }
}
