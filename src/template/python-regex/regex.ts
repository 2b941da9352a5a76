import { compilePattern } from "./compile.ts";
import { type Budget, Machine } from "./machine.ts";
import { parsePattern } from "./parser.ts";
import type { Subject } from "./subject.ts";

export type { Budget } from "./machine.ts";

/** What a match has found. */
export interface Match {
  /** By group number; null for one that took no part. */
  groups: readonly (string | null)[];
  /** Named groups in the order of the pattern. */
  named: readonly (readonly [name: string, text: string | null])[];
}

/**
 * A regular expression of Python's `re`, with its syntax, its Unicode classes and its results. It ends
 * within the given budget, whatever pattern and text are (docs/decisions/0018-own-regex-engine.md).
 */
export class PythonRegex {
  /** How many groups capture. */
  readonly groups: number;
  readonly names: readonly string[];
  readonly #numbers: readonly (readonly [string, number])[];
  readonly #machine: Machine;

  /** Throws `RegexSyntaxError`. `stepsWithoutMemo` changes nothing but what a match costs. */
  constructor(pattern: string, options: { stepsWithoutMemo?: number } = {}) {
    const parsed = parsePattern(pattern);
    this.groups = parsed.groups;
    this.#numbers = [...parsed.names];
    this.names = this.#numbers.map(([name]) => name);
    this.#machine = new Machine(compilePattern(parsed), options.stepsWithoutMemo);
  }

  /** As `re.match`: from the beginning, not necessarily to the end. Throws `RegexBudgetError`. */
  match(subject: Subject, budget: Budget): Match | null {
    const registers = this.#machine.match(subject, budget);
    if (registers === null) return null;
    const groups: (string | null)[] = [];
    for (let group = 0; group <= this.groups; group++) {
      const from = registers[2 * group] ?? -1;
      const to = registers[2 * group + 1] ?? -1;
      groups.push(from < 0 || to < 0 ? null : subject.slice(from, to));
    }
    return { groups, named: this.#numbers.map(([name, group]) => [name, groups[group] ?? null] as const) };
  }
}
