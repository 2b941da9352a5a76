import { decodeFrames } from "../core/output-log.ts";
import { MAX_PARSED_TEXT } from "../template/templates.ts";

/** What a command has printed, and how it is parsed. */
export interface ParsedText {
  index: number;
  /** As it was sent. */
  command: string;
  /** null: it is too long to be parsed. */
  text: string | null;
}

/** Characters of all commands together. */
const MOST_IN_ALL = 4 * MAX_PARSED_TEXT;

interface Kept {
  pieces: string[];
  length: number;
}

/** Keeps what commands print for a parser, beside the output log, which is stored and forgotten as it comes. */
export class ParsedTexts {
  readonly #commands: readonly string[];
  readonly #isParsed: (index: number) => boolean;
  /** null: too much was printed, and none of it is kept. */
  readonly #kept = new Map<number, Kept | null>();
  readonly #ended = new Set<number>();
  #length = 0;

  /** Of a command that is not parsed nothing is kept. */
  constructor(commands: readonly string[], isParsed: (index: number) => boolean) {
    this.#commands = commands;
    this.#isParsed = isParsed;
  }

  /** Whole lines of the output log, as a session host sends them. */
  add(log: string): void {
    for (const frame of decodeFrames(log)) {
      if (frame.kind === "start") this.#begin(frame.index);
      else if (frame.kind === "data" && frame.stream === "stdout") this.#keep(frame.index, frame.text);
      else if (frame.kind === "end" && frame.ok) this.#ended.add(frame.index);
    }
  }

  /** Of the commands that the device took. */
  texts(): ParsedText[] {
    return [...this.#ended]
      .sort((a, b) => a - b)
      .flatMap((index) => {
        const command = this.#commands[index];
        const kept = this.#kept.get(index);
        if (command === undefined || kept === undefined) return [];
        return [{ index, command, text: kept?.pieces.join("") ?? null }];
      });
  }

  #begin(index: number): void {
    this.#drop(index);
    if (this.#isParsed(index)) this.#kept.set(index, { pieces: [], length: 0 });
  }

  #keep(index: number, text: string): void {
    const kept = this.#kept.get(index);
    if (!kept) return;
    if (kept.length + text.length > MAX_PARSED_TEXT || this.#length + text.length > MOST_IN_ALL) {
      this.#drop(index);
      this.#kept.set(index, null);
      return;
    }
    kept.pieces.push(text);
    kept.length += text.length;
    this.#length += text.length;
  }

  #drop(index: number): void {
    this.#length -= this.#kept.get(index)?.length ?? 0;
    this.#kept.delete(index);
  }
}
