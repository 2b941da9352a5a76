import { type Control, EscapeSequence } from "./escape-sequence.ts";
import { LineBuffer } from "./line-buffer.ts";

/** Beyond this the beginning of an unfinished line is taken as output: no prompt is that long. */
const MAX_LINE = 4096;
/** What stays of such a line. */
const KEPT = 1024;

const BACKSPACE = 0x08;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const ESC = 0x1b;

/** Everything but tab and newline that is not a plain character. */
const CONTROL = /[\0-\x08\x0b-\x1f\x7f-\x9f]/;

/**
 * Makes text of the bytes a device sends: decodes UTF-8 across chunk borders, ends lines with `\n`
 * whatever mixture of CR and LF came, carries out what moves or erases on the current line and drops
 * all other control characters. The result does not depend on how the bytes are cut into chunks.
 */
export class Terminal {
  readonly #decoder: TextDecoder;
  readonly #escape = new EscapeSequence();
  readonly #current = new LineBuffer();
  #lines = "";
  /** The line's beginning is in `#lines` already: what is left of it cannot be a prompt. */
  #cut = false;
  /** A CR at the end of a chunk: what it means depends on the next character. */
  #heldReturn = false;

  /** `encoding` is the name of one for a `TextDecoder`. */
  constructor(encoding = "utf-8") {
    // Safe: the type lists fewer than there are.
    this.#decoder = new TextDecoder(encoding as Bun.Encoding, { ignoreBOM: true });
  }

  /** Characters that {@link takeLines} would return now. */
  get pending(): number {
    return this.#lines.length;
  }

  /** The unfinished line, where prompts and questions stand. Empty while it is too long to be one. */
  get line(): string {
    return this.#cut ? "" : this.#current.visible;
  }

  /** The end of the unfinished line, however long it is. */
  get lineEnd(): string {
    return this.#current.visible;
  }

  write(bytes: Uint8Array): void {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (this.#heldReturn) {
      text = `\r${text}`;
      this.#heldReturn = false;
    }
    if (text.endsWith("\r")) {
      text = text.slice(0, -1);
      this.#heldReturn = true;
    }
    const plain = this.#asPlain(text);
    if (plain === null) this.#interpret(text);
    else this.#appendPlain(plain);
    this.#limitLine();
  }

  /** The finished lines since the last call, each with its `\n`. */
  takeLines(): string {
    const lines = this.#lines;
    this.#lines = "";
    return lines;
  }

  /** Takes the unfinished line as well: nothing more is expected to come of it. */
  takeRest(): string {
    const rest = this.takeLines() + this.#current.visible;
    this.dropLine();
    return rest;
  }

  /** Puts text on the unfinished line, as if it had come. */
  print(text: string): void {
    this.#current.print(text);
  }

  /** Forgets the unfinished line: a prompt that was recognised. */
  dropLine(): void {
    this.#current.drop();
    this.#cut = false;
  }

  /** The unfinished line is a pager's question and no output. */
  erasePager(): void {
    this.#current.erasePager();
  }

  /** `text` with plain line ends, when it holds nothing else to interpret; most output is like that. */
  #asPlain(text: string): string | null {
    if (this.#escape.active || !this.#current.appendable) return null;
    // Two searches for plain text: a pattern like \r+\n takes quadratic time on many CR in a row.
    const plain = text.includes("\r") ? text.replaceAll("\r\r\n", "\n").replaceAll("\r\n", "\n") : text;
    return CONTROL.test(plain) ? null : plain;
  }

  #appendPlain(text: string): void {
    const end = text.lastIndexOf("\n") + 1;
    if (end > 0) {
      this.#current.append(text.slice(0, end - 1));
      this.#endLine();
    }
    this.#current.append(text.slice(end));
  }

  #interpret(text: string): void {
    let from = 0;
    while (from < text.length) {
      const code = text.charCodeAt(from);
      if (this.#escape.active) this.#obey(this.#escape.take(code));
      else if (isControl(code)) this.#control(code);
      else {
        const end = runEnd(text, from);
        this.#current.print(text.slice(from, end));
        this.#limitLine();
        from = end;
        continue;
      }
      from += 1;
    }
  }

  #control(code: number): void {
    if (code === NEWLINE) this.#endLine();
    else if (code === RETURN) this.#current.return();
    else if (code === BACKSPACE) this.#current.moveBy(-1);
    else if (code === ESC) this.#escape.start();
  }

  #obey(control: Control | null): void {
    if (control === null) return;
    if (control.kind === "") {
      if (control.final === "E") this.#endLine();
      return;
    }
    const line = this.#current;
    const count = control.number ?? 1;
    switch (control.final) {
      case "K":
        return this.#erase(control.number ?? 0);
      case "A":
        return line.moveUp(count);
      case "C":
        return line.moveBy(count);
      case "D":
        return line.moveBy(-count);
      case "G":
        return line.moveTo(count - 1);
      case "P":
        return line.delete(count);
    }
  }

  #erase(what: number): void {
    if (what === 0) this.#current.eraseToEnd();
    else if (what === 1) this.#current.eraseToCursor();
    else {
      this.#current.eraseToCursor();
      this.#current.eraseToEnd();
    }
  }

  #endLine(): void {
    const line = this.#current.finish();
    if (line !== null) this.#lines += `${line}\n`;
    this.#cut = false;
  }

  #limitLine(): void {
    if (this.#current.length <= MAX_LINE) return;
    this.#lines += this.#current.shift(this.#current.length - KEPT);
    this.#cut = true;
  }
}

function isControl(code: number): boolean {
  return code < 0x20 ? code !== 0x09 : code >= 0x7f && code <= 0x9f;
}

function runEnd(text: string, from: number): number {
  let end = from + 1;
  while (end < text.length && !isControl(text.charCodeAt(end))) end += 1;
  return end;
}
