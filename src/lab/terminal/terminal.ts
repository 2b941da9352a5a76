import { StringDecoder } from "node:string_decoder";
import { LineEditor, type LineEnd, type LineRules } from "./line-editor.ts";

/** Type-ahead held while a command runs; beyond it the sender is paused. */
const MAX_AHEAD = 16 * 1024;

/** The sender's side of a session. */
export interface Source {
  pause(): unknown;
  resume(): unknown;
}

/** A line as it was typed, and how it ended; `closed` when the session went away meanwhile. */
export interface TypedLine {
  text: string;
  end: LineEnd | "closed";
}

type Reader =
  | { kind: "line"; editor: LineEditor; rules: LineRules; resolve: (line: TypedLine) => void }
  | { kind: "key"; resolve: (key: string | null) => void };

/**
 * The keyboard side of a session: turns what arrives into lines and keys for whoever reads, and echoes.
 * What arrives while nobody reads waits, as in a device's input buffer, and is echoed when it is read.
 */
export class Terminal {
  /** Called for Ctrl-C (and the escape sequence Ctrl-Shift-6) while nobody reads. */
  onInterrupt: (() => void) | null = null;
  readonly #source: Source;
  readonly #echo: (text: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  #ahead = "";
  #paused = false;
  #afterReturn = false;
  #reader: Reader | null = null;
  #closed = false;
  #finished = false;

  constructor(source: Source, echo: (text: string) => void) {
    this.#source = source;
    this.#echo = echo;
  }

  feed(bytes: Buffer): void {
    const text = this.#decoder.write(bytes);
    const interrupted = this.#reader || !this.onInterrupt ? -1 : lastInterrupt(text);
    if (interrupted < 0) {
      this.#ahead += text;
    } else {
      this.#ahead = text.slice(interrupted + 1);
      this.onInterrupt?.();
    }
    this.#consume();
    this.#throttle();
  }

  readLine(rules: LineRules): Promise<TypedLine> {
    if (this.#closed) return Promise.resolve({ text: "", end: "closed" });
    return new Promise((resolve) => {
      this.#reader = { kind: "line", editor: new LineEditor(rules), rules, resolve };
      this.#consume();
      this.#throttle();
    });
  }

  /** One key, not echoed; null when the session is closed. */
  readKey(): Promise<string | null> {
    if (this.#closed) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#reader = { kind: "key", resolve };
      this.#consume();
      this.#throttle();
    });
  }

  /** Nothing more will be typed: who reads gets what is waiting, and then the end. */
  finish(): void {
    this.#finished = true;
    this.#consume();
  }

  close(): void {
    this.#closed = true;
    this.#ahead = "";
    this.#release();
  }

  #release(): void {
    const reader = this.#reader;
    this.#reader = null;
    if (reader?.kind === "line") reader.resolve({ text: "", end: "closed" });
    else reader?.resolve(null);
  }

  #consume(): void {
    const text = this.#ahead;
    let at = 0;
    let echo = "";
    while (at < text.length && this.#reader) {
      const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
      at += char.length;
      if (this.#skips(char)) continue;
      echo += this.#take(char, this.#reader);
    }
    this.#ahead = text.slice(at);
    this.#echo(echo);
    if (this.#finished && this.#ahead === "") this.#release();
  }

  /** CR LF and CR NUL are one Enter; NUL alone is what clients send to see whether we live. */
  #skips(char: string): boolean {
    const skip = char === "\0" || (char === "\n" && this.#afterReturn);
    this.#afterReturn = char === "\r";
    return skip;
  }

  /** Hands the character to the reader; returns what to echo. */
  #take(char: string, reader: Reader): string {
    if (reader.kind === "key") {
      this.#reader = null;
      reader.resolve(char);
      return "";
    }
    const typed = reader.editor.type(char);
    if (typeof typed === "object") return typed.echo;
    this.#reader = null;
    reader.resolve({ text: reader.editor.line, end: typed });
    const { showsControl, repaints } = reader.rules;
    if (repaints === true && typed === "enter") return "";
    return (showsControl ? ENDINGS : PLAIN_ENDINGS)[typed];
  }

  #throttle(): void {
    const full = this.#ahead.length > MAX_AHEAD;
    if (full === this.#paused) return;
    this.#paused = full;
    if (full) this.#source.pause();
    else this.#source.resume();
  }
}

const ENDINGS: Record<LineEnd, string> = { enter: "\r\n", interrupt: "^C\r\n", end: "^Z\r\n", eof: "" };
const PLAIN_ENDINGS: Record<LineEnd, string> = { ...ENDINGS, interrupt: "\r\n", end: "\r\n" };

function lastInterrupt(text: string): number {
  return Math.max(text.lastIndexOf("\x03"), text.lastIndexOf("\x1e"));
}
