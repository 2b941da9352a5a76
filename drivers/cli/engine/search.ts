import { DeviceError } from "../../../src/device/driver.ts";
import { RegexBudgetError } from "../../../src/python-regex/errors.ts";
import { PythonRegex } from "../../../src/python-regex/regex.ts";
import { Subject } from "../../../src/python-regex/subject.ts";

/** How much of the output before new lines a match may begin in. */
const KEPT = 512;
/** So much is looked at in one go. Of a longer unfinished line, which is data, it is the end. */
const PIECE = 1024;
/** What a look at one piece may take: 20 ms at most where the pattern is warm. Usual patterns need a tenth of it. */
const STEPS = 150_000;

/** Stands for the rest of a line, so that `^` does not match behind it. No device's output has it: it is no text. */
const CUT = "\0";

/**
 * Looks for a request's pattern in output as it comes, piece by piece, and lets others run in between: a pattern that is
 * slow delays its own command only. Of what was looked at before, the end is looked at again with what follows, so a match
 * that is longer than that may be missed.
 */
export class Search {
  readonly #regex: PythonRegex;
  /** Of the request, for errors. */
  readonly #field: string;
  /** The end of what was taken. */
  #tail = "";
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

  /** Takes whole lines; gives up when `ends` says so. */
  async take(lines: string, ends: () => boolean): Promise<void> {
    for (let from = 0; from < lines.length && this.#match === null && !ends(); ) {
      const to = pieceEnd(lines, from);
      const text = this.#tail + lines.slice(from, to);
      this.#look(text);
      this.#tail = endOf(text);
      from = to;
      if (from < lines.length) await turn();
    }
  }

  /** Whether there is a match in what was taken, or one that reaches into an unfinished line behind it. */
  within(line: string): boolean {
    if (this.#match === null && line !== "") this.#look(this.#tail + line.slice(-PIECE));
    return this.#match !== null;
  }

  #look(text: string): void {
    try {
      const found = this.#regex.search(new Subject(text), { steps: STEPS });
      this.#match = found === null ? null : text.slice(found.from, found.to).replace(CUT, "");
    } catch (error) {
      if (!(error instanceof RegexBudgetError)) throw error;
      throw new DeviceError("CommandError", `${this.#field} takes too many steps on what the device printed`);
    }
  }
}

/** Behind the last line that fits, or in the middle of one that does not. */
function pieceEnd(lines: string, from: number): number {
  if (lines.length - from <= PIECE) return lines.length;
  const end = lines.lastIndexOf("\n", from + PIECE - 1) + 1;
  return end > from ? end : from + PIECE;
}

/** From the beginning of a line, where one begins in it. */
function endOf(text: string): string {
  if (text.length <= KEPT) return text;
  const end = text.slice(-KEPT);
  const line = end.indexOf("\n");
  return line < 0 || line === end.length - 1 ? CUT + end : end.slice(line);
}

/** A turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
