import { DeviceError } from "../../../src/device/driver.ts";
import { RegexBudgetError } from "../../../src/python-regex/errors.ts";
import { PythonRegex } from "../../../src/python-regex/regex.ts";
import { Subject } from "../../../src/python-regex/subject.ts";

/** How much of the output before new lines a match may begin in. */
const KEPT = 512;
/** Longer unfinished lines are data, of which the end is looked at. */
const MAX_LINE = 1024;
/** A search may take so many steps, and so many more for each character: some 10 ms for what comes at once. */
const STEPS = 1_000_000;
const STEPS_A_CHARACTER = 32;
/** All searches of a command together: some 5 s. */
const STEPS_IN_ALL = 500_000_000;

/**
 * Looks for a request's pattern in output as it comes. Only the last of what was looked at before is looked at
 * again, so a match that is longer than that may be missed.
 */
export class Search {
  readonly #regex: PythonRegex;
  /** Of the request, for errors. */
  readonly #field: string;
  /** The end of what was taken; a line break stands for more before it, so that `^` does not match there. */
  #tail = "";
  #left = STEPS_IN_ALL;
  #match: string | null = null;

  /** Throws `RegexSyntaxError`. */
  constructor(pattern: string, field: string, multiline: boolean) {
    this.#regex = new PythonRegex(pattern, { flags: { multiline } });
    this.#field = field;
  }

  /** What was found, once something was. */
  get match(): string | null {
    return this.#match;
  }

  /** Takes whole lines. */
  take(lines: string): void {
    if (this.#match !== null) return;
    const text = this.#tail + lines;
    this.#look(text);
    this.#tail = text.length <= KEPT ? text : `\n${text.slice(-KEPT)}`;
  }

  /** Whether there is a match in what was taken, or one that reaches into an unfinished line behind it. */
  within(line: string): boolean {
    if (this.#match === null && line !== "") this.#look(this.#tail + line.slice(-MAX_LINE));
    return this.#match !== null;
  }

  #look(text: string): void {
    const steps = Math.min(this.#left, STEPS + STEPS_A_CHARACTER * text.length);
    const budget = { steps };
    try {
      const found = this.#regex.search(new Subject(text), budget);
      this.#match = found === null ? null : text.slice(found.from, found.to);
    } catch (error) {
      if (!(error instanceof RegexBudgetError)) throw error;
      throw new DeviceError("CommandError", `${this.#field} takes too many steps on what the device printed`);
    }
    this.#left -= steps - budget.steps;
  }
}
