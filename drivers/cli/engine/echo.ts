/**
 * More lines or characters than this without the echo: the device does not repeat what is typed, or
 * paints it in a way we do not know; what came is output then.
 */
const MAX_LINES = 40;
const MAX_CHARACTERS = 16 * 1024;

/** An echo may be broken over this many lines by a device that wraps where we did not ask it to. */
const MAX_WRAPPED = 8;

/** What may be left of a question that was answered before its last characters came. */
const QUESTION_END = /^[\])}>:?. ]{0,8}$/;

/** A `$` in front of at least this much of the command's end: the line was too long and scrolled. */
const MIN_SCROLLED = 8;

/**
 * Takes the device's echo of a typed line off its output, with what stood before it: a repainted prompt,
 * a log message that came in between.
 */
export class EchoFilter {
  #typed = "";
  #squeezed = "";
  #held: string[] = [];
  #heldCharacters = 0;
  #pending = false;
  readonly #isPrompt: (text: string) => boolean;

  /** `isPrompt`: whether a text may be the prompt that stands in front of the echo. */
  constructor(isPrompt: (text: string) => boolean) {
    this.#isPrompt = isPrompt;
  }

  /** The echo has not come yet. */
  get pending(): boolean {
    return this.#pending;
  }

  /** `typed` was sent. */
  expect(typed: string): void {
    this.#typed = typed.trim();
    this.#squeezed = squeeze(typed);
    this.#held = [];
    this.#heldCharacters = 0;
    this.#pending = true;
  }

  /** Takes finished lines, returns what of them is output. */
  filter(lines: string): string {
    if (!this.#pending) return lines;
    let from = 0;
    while (this.#pending && from < lines.length) {
      const end = lines.indexOf("\n", from) + 1 || lines.length;
      this.#take(lines.slice(from, end));
      from = end;
    }
    return this.#pending ? "" : this.#released() + lines.slice(from);
  }

  /** No echo will come: returns what was held back for it, which is output then. */
  giveUp(): string {
    if (!this.#pending) return "";
    this.#pending = false;
    return this.#released();
  }

  #take(line: string): void {
    this.#held.push(line);
    this.#heldCharacters += line.length;
    if (this.#isEcho(line.trim())) {
      this.#held = [];
      this.#pending = false;
    } else if (this.#held.length > MAX_LINES || this.#heldCharacters > MAX_CHARACTERS) {
      this.#pending = false;
    }
  }

  #released(): string {
    const text = this.#held.join("");
    this.#held = [];
    return text;
  }

  #isEcho(line: string): boolean {
    return this.#endsLikeTyped(line) || this.#isScrolled(line) || this.#isWrapped();
  }

  #endsLikeTyped(line: string): boolean {
    if (!line.endsWith(this.#typed)) return false;
    const before = line.slice(0, line.length - this.#typed.length).trimEnd();
    return QUESTION_END.test(before) || this.#isPrompt(before);
  }

  #isScrolled(line: string): boolean {
    const shown = line.slice(line.lastIndexOf("$") + 1);
    return shown.length >= MIN_SCROLLED && shown.length < line.length && this.#typed.endsWith(shown);
  }

  #isWrapped(): boolean {
    let joined = "";
    for (const line of this.#held.slice(-MAX_WRAPPED).reverse()) {
      joined = squeeze(line) + joined;
      if (joined.length < this.#squeezed.length) continue;
      if (!joined.endsWith(this.#squeezed)) return false;
      const before = joined.slice(0, joined.length - this.#squeezed.length);
      return before === "" || this.#isPrompt(before);
    }
    return false;
  }
}

function squeeze(text: string): string {
  return text.replaceAll(/\s/g, "");
}
