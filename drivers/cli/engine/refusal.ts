import type { Refusals } from "../platform.ts";

/** Longer lines are data. */
const MAX_LINE = 400;
/** Lines looked at before one is data for sure. */
const MAX_PREAMBLE = 10;

/**
 * Looks for the device's "no" in what a line of input made it print: as the first thing, or as the last.
 * A refusal in between is output that quotes one. Only those few lines are looked at, however much comes.
 */
export class RefusalScan {
  readonly #patterns: readonly RegExp[];
  readonly #preamble: readonly RegExp[];
  #first: string | null = null;
  #last: string | null = null;
  #beginning = true;
  #preambleLines = 0;

  constructor(refusals: Refusals, kind: "command" | "config") {
    this.#patterns = kind === "command" ? refusals.command : [...refusals.command, ...refusals.config];
    this.#preamble = refusals.preamble;
  }

  /** Takes output, in whole lines. */
  take(lines: string): void {
    if (this.#beginning) this.#takeBeginning(lines);
    const last = lastLine(lines);
    if (last !== null) this.#last = last;
  }

  /** The device's words, or `null` when it did as it was told. */
  get refusal(): string | null {
    return this.#first ?? (this.#last !== null && this.#refuses(this.#last) ? this.#last : null);
  }

  #takeBeginning(lines: string): void {
    let from = 0;
    while (this.#beginning && from < lines.length) {
      const end = lines.indexOf("\n", from) + 1 || lines.length;
      this.#takeFirst(lines.slice(from, Math.min(end, from + MAX_LINE)).trimEnd());
      from = end;
    }
  }

  #takeFirst(line: string): void {
    if (line === "") return;
    if (this.#refuses(line)) this.#first = line;
    this.#preambleLines += 1;
    this.#beginning =
      this.#first === null &&
      this.#preambleLines < MAX_PREAMBLE &&
      this.#preamble.some((pattern) => pattern.test(line));
  }

  #refuses(line: string): boolean {
    return this.#patterns.some((pattern) => pattern.test(line));
  }
}

/** The last line of a block that is not blank. */
function lastLine(lines: string): string | null {
  const end = lines.trimEnd().length;
  if (end === 0) return null;
  const start = lines.lastIndexOf("\n", end - 1) + 1;
  return lines.slice(start, Math.min(end, start + MAX_LINE));
}
