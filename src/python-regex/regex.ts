import { compilePattern } from "./compile.ts";
import { type Flags, NO_FLAGS } from "./flags.ts";
import { type Budget, Machine, Shared, type Thrift } from "./machine.ts";
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

/** A match with where it begins and ends, in characters. */
export interface Found extends Match {
  from: number;
  to: number;
}

export interface RegexOptions extends Thrift {
  /** As the flags of `re.compile`; those inside the pattern add to them. */
  flags?: Partial<Flags>;
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

  /** Throws `RegexSyntaxError`. */
  constructor(pattern: string, options: RegexOptions = {}) {
    const parsed = parsePattern(pattern, { ...NO_FLAGS, ...options.flags });
    this.groups = parsed.groups;
    this.#numbers = [...parsed.names];
    this.names = this.#numbers.map(([name]) => name);
    this.#machine = new Machine(compilePattern(parsed), options);
  }

  /** The number of a named group; null: there is none. */
  numberOf(name: string): number | null {
    return this.#numbers.find(([known]) => known === name)?.[1] ?? null;
  }

  /** As `re.match`: from the beginning, not necessarily to the end. Throws `RegexBudgetError`. */
  match(subject: Subject, budget: Budget): Match | null {
    const registers = this.#machine.match(subject, budget);
    return registers === null ? null : this.#read(registers, subject);
  }

  /** A match that begins at one place. `advance`: it must not be empty. */
  matchAt(
    subject: Subject,
    budget: Budget,
    place: number,
    advance = false,
    shared = new Shared(),
  ): Found | null {
    const registers = this.#machine.match(subject, budget, place, advance, shared);
    if (registers === null) return null;
    const [from = 0, to = 0] = registers;
    return { ...this.#read(registers, subject), from, to };
  }

  /** As `re.search`: the first match from a place on. `advance`: not an empty one at that place. */
  search(subject: Subject, budget: Budget, from = 0, advance = false): Found | null {
    const shared = new Shared();
    let place = this.#machine.candidate(subject, budget, from);
    while (place !== null) {
      const found = this.matchAt(subject, budget, place, advance && place === from, shared);
      if (found !== null) return found;
      place = this.#machine.candidate(subject, budget, place + 1);
    }
    return null;
  }

  /** As `re.finditer`: all matches, none of which overlaps another. */
  *findAll(subject: Subject, budget: Budget): Generator<Found> {
    let found = this.search(subject, budget);
    while (found !== null) {
      yield found;
      found = this.search(subject, budget, found.to, found.from === found.to);
    }
  }

  #read(registers: Int32Array, subject: Subject): Match {
    const groups: (string | null)[] = [];
    for (let group = 0; group <= this.groups; group++) {
      const from = registers[2 * group] ?? -1;
      const to = registers[2 * group + 1] ?? -1;
      groups.push(from < 0 || to < 0 ? null : subject.slice(from, to));
    }
    return { groups, named: this.#numbers.map(([name, group]) => [name, groups[group] ?? null] as const) };
  }
}
