import { TemplateError } from "../../core/errors.ts";
import type { Budget, Match } from "../../python-regex/regex.ts";
import { Subject } from "../../python-regex/subject.ts";
import { withinBudget } from "../compile-regex.ts";
import type { Limits } from "../limits.ts";
import { textLines } from "../lines.ts";
import type { Field, Nested } from "./cell.ts";
import { Records } from "./records.ts";
import type { Rule } from "./rule.ts";
import { FINAL_STATES, type Template } from "./template.ts";

/** Records as rows, in the order of the header. */
export interface Table {
  header: string[];
  /** Values that together tell a record from the others. */
  keys: string[];
  rows: Field[][];
}

/**
 * Takes a text through a template. Each line goes through the rules of one state once, so that no template
 * loops for ever; regexes share one budget. Throws `TemplateError`.
 */
export function runTemplate(template: Template, text: string, limits: Limits): Table {
  if (text.length > limits.text) throw new TemplateError(`the text is longer than ${limits.text} characters`);
  const run = new Run(template, limits);
  const names = (values: Template["values"]) => values.map(({ name }) => name);
  return {
    header: names(template.values),
    keys: names(template.values.filter(({ options }) => options.includes("Key"))),
    rows: run.rows(textLines(text)),
  };
}

class Run {
  readonly #template: Template;
  readonly #records: Records;
  readonly #budget: Budget;
  #state = "Start";
  /** Of the line that is looked at, from 1. */
  #line = 0;

  constructor(template: Template, limits: Limits) {
    this.#template = template;
    this.#records = new Records(template.values, limits);
    this.#budget = { steps: limits.steps };
  }

  rows(lines: Iterable<string>): Field[][] {
    for (const line of lines) {
      this.#line++;
      this.#take(new Subject(line));
      if (FINAL_STATES.includes(this.#state)) break;
    }
    // The end records what is there, unless the template says otherwise by an empty EOF, or went to End.
    if (this.#state !== "End" && !this.#template.states.has("EOF")) this.#records.record();
    return this.#records.rows;
  }

  #take(line: Subject): void {
    for (const rule of this.#template.states.get(this.#state) ?? []) {
      const match = this.#match(rule, line);
      if (match === null) continue;
      for (const [name, text] of match.named) this.#assign(rule, name, text);
      this.#operate(rule);
      if (rule.lineOp === "Continue") continue;
      if (rule.target !== "") this.#state = rule.target;
      return;
    }
  }

  #match(rule: Rule, line: Subject): Match | null {
    return this.#bounded(rule, () => rule.regex.match(line, this.#budget));
  }

  #assign(rule: Rule, name: string, text: string | null): void {
    const value = this.#records.value(name);
    if (value !== null) this.#records.assign(name, text, this.#nested(rule, value.nested, text));
  }

  /** What the regex of a List finds in its own text, by name. */
  #nested(rule: Rule, regex: Rule["regex"] | null, text: string | null): Nested | null {
    if (regex === null || regex.groups < 2) return null;
    if (text === null) {
      throw new TemplateError(
        `input line ${this.#line} fits, but leaves a List with groups of its own without text`,
        { line: rule.line },
      );
    }
    const match = this.#bounded(rule, () => regex.match(new Subject(text), this.#budget));
    return match === null || match.named.length === 0 ? null : Object.fromEntries(match.named);
  }

  #bounded<T>(rule: Rule, match: () => T): T {
    return withinBudget(rule.line, this.#line, match);
  }

  #operate(rule: Rule): void {
    if (rule.recordOp === "Record") this.#records.record();
    else if (rule.recordOp === "Clear") this.#records.clear();
    else if (rule.recordOp === "Clearall") this.#records.clearAll();
    if (rule.lineOp !== "Error") return;
    const message = rule.target === "" ? "the template does not expect it" : rule.target;
    throw new TemplateError(`input line ${this.#line} is an error: ${message}`, { line: rule.line });
  }
}
