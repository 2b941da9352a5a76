import { MASK, maskText } from "./mask.ts";

/** A line is looked at as a whole up to this length; a longer one in pieces. */
const MAX_LINE = 64 * 1024;
/** At the end of such a piece, what is looked at again with the next: more than stands between a keyword and its secret. */
const CONTEXT = 4 * 1024;
/** Places where a piece may be cut that are looked at. */
const MAX_CUTS = 16;
/** What is looked at on either side of each. */
const NEAR = 1024;
/** Of those that seem right, so many are tried on the whole line. */
const MAX_TRIES = 2;
/** Lines of the longest private key, and some: whatever goes on beyond them is none. */
const MAX_KEY_LINES = 400;

const KEY_BEGINS = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/;
const KEY_ENDS = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/;
const BLANK = /[ \t\n]/;

/**
 * Hides secrets in a stream of output, wherever it is cut into chunks: the rules are about lines, so that text is given
 * on by whole lines, and private keys are hidden over all of theirs.
 */
export class OutputMask {
  readonly #known: readonly string[];
  /** The line so far, as it came. */
  #line = "";
  /** Lines of a private key so far; null: it is none. */
  #keyLines: number | null = null;
  /** All is hidden up to the next blank: the word is too long to be looked at. */
  #hiding = false;

  /** `known`: values to hide wherever they occur. */
  constructor(known: readonly string[]) {
    this.#known = known;
  }

  /** What may be shown of the text so far. */
  heard(text: string): string {
    const all = this.#line + (this.#hiding ? this.#afterWord(text) : text);
    const end = all.lastIndexOf("\n") + 1;
    this.#line = all.slice(end);
    const shown = this.#masked(all.slice(0, end));
    return this.#line.length > MAX_LINE ? shown + this.#piece() : shown;
  }

  /** The rest, when nothing more comes. */
  rest(): string {
    const line = this.#line;
    this.#line = "";
    return this.#masked(line);
  }

  #masked(lines: string): string {
    if (lines === "") return "";
    if (this.#keyLines === null && !KEY_BEGINS.test(lines)) return maskText(lines, this.#known);
    // One by one, as they would be in chunks of their own: what is shown does not depend on where those end.
    const visible = lines.split(/(?<=\n)/).map((line) => maskText(this.#beside(line), this.#known));
    return visible.join("");
  }

  /** What of a line is no part of a private key. */
  #beside(line: string): string {
    if (this.#keyLines === null) {
      const begin = KEY_BEGINS.exec(line);
      // One that ends in its line is hidden by the rules of lines.
      if (begin === null || KEY_ENDS.test(line)) return line;
      this.#keyLines = 0;
      return `${line.slice(0, begin.index + begin[0].length)}\n${MASK}\n`;
    }
    const end = KEY_ENDS.exec(line);
    this.#keyLines += 1;
    if (end === null && this.#keyLines < MAX_KEY_LINES) return "";
    this.#keyLines = null;
    return end === null ? "" : line.slice(end.index);
  }

  /** The beginning of a line that is too long, up to where a cut hides as much as no cut. */
  #piece(): string {
    const line = this.#line;
    const whole = maskText(line, this.#known);
    let tries = MAX_TRIES;
    for (const cut of this.#cuts(line)) {
      const head = maskText(line.slice(0, cut), this.#known);
      if (whole.startsWith(head) && maskText(line.slice(cut), this.#known) === whole.slice(head.length)) {
        this.#line = line.slice(cut);
        return this.#keyLines === null ? head : "";
      }
      if (--tries === 0) break;
    }
    this.#line = "";
    this.#hiding = true;
    return MASK;
  }

  /** Blanks where a cut makes no difference to what stands around them: the whole line is looked at for few of them. */
  *#cuts(line: string): Generator<number> {
    let cut = line.length - CONTEXT;
    for (let n = 0; n < MAX_CUTS; n++) {
      cut = Math.max(line.lastIndexOf(" ", cut - 1), line.lastIndexOf("\t", cut - 1));
      if (cut <= 0) return;
      const [before, behind] = [line.slice(Math.max(0, cut - NEAR), cut), line.slice(cut, cut + NEAR)];
      const [around, parts] = [[before + behind], [before, behind]].map((texts) =>
        texts.map((text) => maskText(text, this.#known)).join(""),
      );
      if (around === parts) yield cut;
    }
  }

  #afterWord(text: string): string {
    const blank = text.search(BLANK);
    if (blank < 0) return "";
    this.#hiding = false;
    return text.slice(blank);
  }
}
