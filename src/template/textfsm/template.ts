import { TemplateError } from "../../core/errors.ts";
import type { Limits } from "../limits.ts";
import { isComment, templateLines, trimEnd } from "../lines.ts";
import { LINE_OPS, parseRule, RECORD_OPS, type Rule } from "./rule.ts";
import type { Patterns } from "./substitute.ts";
import { MAX_NAME, parseValue, type Value } from "./value.ts";

/** A template that was read and found right. */
export interface Template {
  values: readonly Value[];
  /** Rules by state; there is a `Start`, and `End` is left out. */
  states: ReadonlyMap<string, readonly Rule[]>;
}

/** Where a transition may lead besides states of the template: both end the parsing. */
export const FINAL_STATES = ["End", "EOF"];

/** Reads a template as TextFSM does; throws `TemplateError`. */
export function compileTemplate(text: string, limits: Pick<Limits, "template" | "regexes">): Template {
  if (text.length > limits.template) {
    throw new TemplateError(`the template is longer than ${limits.template} characters`);
  }
  const reader = new Reader(text);
  const values = reader.values();
  const byName = new Map(values.map(({ name, pattern }) => [name, pattern]));
  const states = reader.states({ byName, room: limits.regexes });
  checkStates(states);
  states.delete("End");
  return { values, states };
}

class Reader {
  readonly #lines: readonly string[];
  /** Of the line that is read next, from 0. */
  #at = 0;

  constructor(text: string) {
    this.#lines = templateLines(text).map(trimEnd);
  }

  /** The head: values up to the first blank line. */
  values(): Value[] {
    const values: Value[] = [];
    const names = new Set<string>();
    for (let line = this.#next(); line !== null && line !== ""; line = this.#next()) {
      if (isComment(line)) continue;
      if (!line.startsWith("Value ")) this.#fail(noValue(values.length));
      const value = parseValue(line, this.#at);
      if (names.has(value.name)) this.#fail(`the value ${value.name} is declared twice`);
      names.add(value.name);
      values.push(value);
    }
    return values;
  }

  states(patterns: Patterns): Map<string, Rule[]> {
    const states = new Map<string, Rule[]>();
    for (let line = this.#next(); line !== null; line = this.#next()) {
      if (line === "" || isComment(line)) continue;
      this.#checkStateName(line);
      if (states.has(line)) this.#fail(`the state ${line} is declared twice`);
      states.set(line, this.#rules(patterns));
    }
    return states;
  }

  /** Up to a blank line. */
  #rules(patterns: Patterns): Rule[] {
    const rules: Rule[] = [];
    for (let line = this.#next(); line !== null && line !== ""; line = this.#next()) {
      if (isComment(line)) continue;
      if (!/^(?: {1,2}|\t)\^/.test(line)) {
        this.#fail("a rule begins with one or two blanks, or a tab, and a ^; a state ends with a blank line");
      }
      rules.push(parseRule(line, this.#at, patterns));
    }
    return rules;
  }

  #checkStateName(name: string): void {
    if (!/^[\p{L}\p{N}_]+$/u.test(name)) {
      this.#fail("expected a state: a name of letters, digits and _, at the beginning of the line");
    }
    if (name.length > MAX_NAME) this.#fail(`the name of the state is longer than ${MAX_NAME} characters`);
    if ([...LINE_OPS, ...RECORD_OPS].some((operator) => operator === name)) {
      this.#fail(`${name} is an operator and no name for a state`);
    }
  }

  #next(): string | null {
    const line = this.#lines[this.#at];
    if (line === undefined) return null;
    this.#at++;
    return line;
  }

  #fail(reason: string): never {
    throw new TemplateError(reason, { line: this.#at });
  }
}

function noValue(before: number): string {
  return before === 0
    ? "a template begins with values: Value [options] name (regex)"
    : "expected a value, or a blank line after the last one";
}

function checkStates(states: ReadonlyMap<string, readonly Rule[]>): void {
  if (!states.has("Start")) throw new TemplateError("there is no state Start");
  for (const name of FINAL_STATES) {
    const [rule] = states.get(name) ?? [];
    if (rule) throw new TemplateError(`the state ${name} must be empty`, { line: rule.line });
  }
  for (const { lineOp, target, line } of [...states.values()].flat()) {
    if (lineOp === "Error" || target === "" || FINAL_STATES.includes(target) || states.has(target)) continue;
    throw new TemplateError(`there is no state ${target}`, { line });
  }
}
