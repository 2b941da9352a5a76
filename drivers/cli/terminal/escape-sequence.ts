/** A finished control sequence: its final character and first number (`ESC [ 3 D` is `D`, 3). */
export interface Control {
  /** `[` for `ESC [ … x`; empty for the two-character `ESC x`. */
  kind: "[" | "";
  final: string;
  /** `null` when none was given. */
  number: number | null;
}

type State = "off" | "escape" | "bracket" | "charset" | "string" | "string-escape";

/** Strings (titles, device control) end by themselves after this much: their end may never come. */
const MAX_STRING = 4096;
const MAX_NUMBER = 9999;

const ESC = 0x1b;
const BEL = 0x07;

/** Takes terminal control sequences (ECMA-48) apart, a character at a time, across any chunk border. */
export class EscapeSequence {
  #state: State = "off";
  #length = 0;
  #number: number | null = null;
  #firstNumber = true;

  get active(): boolean {
    return this.#state !== "off";
  }

  /** An ESC has come. */
  start(): void {
    this.#state = "escape";
    this.#length = 0;
    this.#number = null;
    this.#firstNumber = true;
  }

  /** Takes the next character; returns the sequence when it is complete and means something to a line. */
  take(code: number): Control | null {
    switch (this.#state) {
      case "escape":
        return this.#afterEscape(code);
      case "bracket":
        return this.#inBracket(code);
      case "charset":
        this.#state = "off";
        return null;
      default:
        this.#inString(code);
        return null;
    }
  }

  #afterEscape(code: number): Control | null {
    const char = String.fromCharCode(code);
    if (char === "[") this.#state = "bracket";
    else if ("]PX^_".includes(char)) this.#state = "string";
    else if ("()*+-./#%".includes(char)) this.#state = "charset";
    else if (code !== ESC) {
      this.#state = "off";
      return { kind: "", final: char, number: null };
    }
    return null;
  }

  #inBracket(code: number): Control | null {
    if (code >= 0x40 && code <= 0x7e) {
      this.#state = "off";
      return { kind: "[", final: String.fromCharCode(code), number: this.#number };
    }
    if (code >= 0x30 && code <= 0x39) this.#digit(code - 0x30);
    else if (code === 0x3b) this.#firstNumber = false;
    else if (code === ESC) this.start();
    // Anything that cannot stand in a sequence cancels it, as on a real terminal.
    else if (code < 0x20 || code > 0x7e) this.#state = "off";
    return null;
  }

  #digit(digit: number): void {
    if (!this.#firstNumber) return;
    this.#number = Math.min((this.#number ?? 0) * 10 + digit, MAX_NUMBER);
  }

  #inString(code: number): void {
    this.#length += 1;
    if (code === BEL || this.#length > MAX_STRING) this.#state = "off";
    else if (code === ESC) this.#state = "string-escape";
    else if (this.#state === "string-escape") this.#state = code === 0x5c ? "off" : "string";
  }
}
