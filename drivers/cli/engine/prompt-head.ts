/** A prompt has no more lines above it; blank ones count, and a device may print those without end. */
const MAX_HELD = 8;

/** Holds back lines that may belong to the prompt below them, until it is clear whether one comes. */
export class PromptHead {
  readonly #pattern: RegExp | null;
  #held: string[] = [];
  #dropped = "";

  constructor(pattern: RegExp | null) {
    this.#pattern = pattern;
  }

  /** The line above the prompt that belongs to it; empty where none does. */
  get above(): string {
    return this.#held.findLast((line) => line.trim() !== "")?.trim() ?? this.#dropped;
  }

  /** Takes whole lines, returns those that are output for sure. */
  filter(text: string): string {
    const pattern = this.#pattern;
    if (pattern === null || text === "") return text;
    const lines = [...this.#held, ...text.split(/(?<=\n)/)];
    let from = lines.length;
    while (from > Math.max(0, lines.length - MAX_HELD) && mayBeHead(lines[from - 1] ?? "", pattern))
      from -= 1;
    this.#held = lines.slice(from);
    if (from > 0) this.#dropped = "";
    return lines.slice(0, from).join("");
  }

  /** The prompt has come: forgets what belongs to it, and the blank line above that; returns the rest. */
  drop(): string {
    this.#dropped = this.above;
    const first = this.#held.findIndex((line) => line.trim() !== "" && this.#pattern?.test(line.trimEnd()));
    const output = first < 0 ? this.#held : this.#held.slice(0, Math.max(0, first - 1));
    this.#held = [];
    return output.join("");
  }

  /** No prompt will come: all that was held back is output. */
  release(): string {
    const text = this.#held.join("");
    this.#held = [];
    this.#dropped = "";
    return text;
  }
}

function mayBeHead(line: string, pattern: RegExp): boolean {
  const text = line.trimEnd();
  return text === "" || pattern.test(text);
}
