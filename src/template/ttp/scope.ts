import { TemplateError } from "../../core/errors.ts";
import type { Budget, PythonRegex } from "../../python-regex/regex.ts";
import { compileRegex } from "../compile-regex.ts";
import type { Limits } from "../limits.ts";
import { type Dict, sizeOf, type Value } from "./values.ts";

/** How many regexes that functions bring are kept; a template has a few, what it records may make many. */
const MAX_REGEXES = 500;

/** Lines that a record may be made of, on the average. */
const MATCHES_PER_RECORD = 5;

/** What all templates and inputs of one parse share: its bounds. */
export class Meter {
  readonly limits: Limits;
  readonly budget: Budget;
  readonly #regexes = new Map<string, PythonRegex>();
  #matches = 0;
  #matched = 0;
  #records = 0;
  #size = 0;

  constructor(limits: Limits) {
    this.limits = limits;
    this.budget = { steps: limits.steps };
  }

  regex(pattern: string): PythonRegex {
    const known = this.#regexes.get(pattern);
    if (known !== undefined) return known;
    if (this.#regexes.size >= MAX_REGEXES) this.#regexes.clear();
    const made = compileRegex(pattern, null);
    this.#regexes.set(pattern, made);
    return made;
  }

  /** Before a text of that length is made. */
  checkLength(length: number): void {
    if (length > this.limits.result) {
      throw new TemplateError(`a value becomes longer than ${this.limits.result} characters`);
    }
  }

  /** Counts work that is none of the regex engine's, in the same steps. */
  work(steps: number): void {
    if (this.budget.steps < steps) throw new TemplateError("the functions take too many steps");
    this.budget.steps -= steps;
  }

  /** Counts what was matched, all of which is there before the first record is made. */
  match(result: Dict | null): void {
    this.#matched += result === null ? 1 : sizeOf(result);
    if (this.#matched > this.limits.result) {
      throw new TemplateError(`the matches hold more than ${this.limits.result} characters`);
    }
    if (++this.#matches > MATCHES_PER_RECORD * this.limits.records) {
      throw new TemplateError(`the text has more than ${MATCHES_PER_RECORD * this.limits.records} matches`);
    }
  }

  record(): void {
    if (++this.#records > this.limits.records) {
      throw new TemplateError(`the text makes more than ${this.limits.records} records`);
    }
  }

  /** Counts what goes into the records. */
  keep(value: Value): void {
    this.keepLength(sizeOf(value));
  }

  keepLength(length: number): void {
    this.#size += length;
    if (this.#size > this.limits.result) {
      throw new TemplateError(`the records hold more than ${this.limits.result} characters`);
    }
  }
}

/** What functions see while one input is parsed. */
export interface Scope {
  /** The template's variables with what this input has recorded. */
  vars: Dict;
  /** What was recorded in all inputs of all templates. */
  globals: Dict;
  lookups: Dict;
  /** What groups of the same template have found in inputs before; by the first part of a path. */
  groupResults(name: string): Value | undefined;
  /** What a template before has found, in its first input. */
  templateResults(name: string): Value | undefined;
  meter: Meter;
}
