import type { Platform } from "../platform.ts";

/** A line that looks like a prompt. */
export interface Prompt {
  mode: string;
  host: string;
  text: string;
  /** The device is the one we know: no other line of output looks like this. */
  known: boolean;
}

/** Longer lines are no prompts, and need not be looked at. */
const MAX_PROMPT = 256;
/** A host name that a prompt cuts off is compared by at least this much of it. */
const MIN_CUT = 16;

/** Characters of a prompt that tell a device from others that have just any. */
const MIN_TELLING = 4;

/** Tells which mode's prompt a line is, and remembers what the device calls itself. */
export class Prompts {
  readonly #platform: Platform;
  /** The prompt alone does not tell the mode. */
  readonly #headed: boolean;
  #host: string | null = null;
  /** The text of the last prompt of each mode: most prompts are equal to one of them. */
  readonly #seen = new Map<string, Prompt>();

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#headed = Object.values(platform.modes).some(({ head }) => head !== undefined);
  }

  /** From now on the device has this name. */
  learn(prompt: Prompt): void {
    if (this.#host !== null && this.#sameHost(prompt)) return this.#remember(prompt);
    this.#host = prompt.host;
    this.#seen.clear();
    this.#remember(prompt);
  }

  /** `above` is the line above it that may belong to it; not given where that does not matter. */
  match(line: string, above?: string): Prompt | null {
    if (line.length > MAX_PROMPT) return null;
    const text = line.trim();
    const seen = this.#headed ? undefined : this.#seen.get(text);
    if (seen !== undefined) return seen;
    for (const [mode, { prompt, not, head }] of Object.entries(this.#platform.modes)) {
      const host = prompt.exec(text)?.groups?.host;
      if (host === undefined || not?.test(text)) continue;
      if (above !== undefined && head?.test(above) === false) continue;
      return { mode, host, text, known: this.#sameHost({ mode, host }) };
    }
    return null;
  }

  isSeen({ text }: Prompt): boolean {
    return this.#seen.has(text);
  }

  /** The prompt, as it was seen before, that a line begins with. */
  seenAt(line: string): string | null {
    for (const text of this.#seen.keys()) if (line.startsWith(text)) return text;
    return null;
  }

  /**
   * Where the prompt begins in a line that begins with something else: output whose last line the device did not end.
   * `null` where none of this device's stands at its end.
   */
  startIn(line: string): number | null {
    return this.seenBehind(line) ?? this.#knownBehind(line);
  }

  /** The same, for prompts as they were seen before. */
  seenBehind(line: string): number | null {
    const found = [...this.#seen.keys()].filter(
      (text) => text.length < line.length && text.length >= this.#telling && line.endsWith(text),
    );
    return found.length === 0 ? null : line.length - Math.max(...found.map(({ length }) => length));
  }

  #knownBehind(line: string): number | null {
    if (this.#platform.learnsPrompt) return null;
    for (let at = Math.max(1, line.length - MAX_PROMPT); at < line.length; at++) {
      if (this.match(line.slice(at))?.known) return line.slice(at).search(/\S/) + at;
    }
    return null;
  }

  /** Where any line may be a prompt, a short one is too easily the end of another. */
  get #telling(): number {
    return this.#platform.learnsPrompt ? MIN_TELLING : 1;
  }

  /** What is waited for, in words for an error. */
  describe(): string {
    const patterns = Object.entries(this.#platform.modes).map(
      ([mode, { prompt }]) => `${mode} ${prompt.source}`,
    );
    return `${patterns.join(", ")}${this.#host === null ? "" : ` of ${this.#host}`}`;
  }

  #remember(prompt: Prompt): void {
    if (this.#seen.size > 64) this.#seen.clear();
    this.#seen.set(prompt.text, { ...prompt, known: true });
  }

  #sameHost({ mode, host }: Pick<Prompt, "mode" | "host">): boolean {
    if (this.#host === null) return false;
    if (host === this.#host) return true;
    if (this.#platform.modes[mode]?.views && host.startsWith(`${this.#host}-`)) return true;
    if (this.#platform.hostCut === null) return false;
    const shorter = Math.min(host.length, this.#host.length);
    return (
      shorter >= Math.min(MIN_CUT, this.#platform.hostCut) &&
      host.slice(0, shorter) === this.#host.slice(0, shorter)
    );
  }
}
