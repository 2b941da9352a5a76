import { decodeFrames } from "../core/output-log.ts";

/** What a command has printed. */
export interface ParsedText {
  index: number;
  /** As it was sent. */
  command: string;
  text: string;
}

/** Keeps what commands print for a parser, beside the output log, which is stored and forgotten as it comes. */
export class ParsedTexts {
  readonly #commands: readonly string[];
  readonly #pieces = new Map<number, string[]>();
  readonly #ended = new Set<number>();

  constructor(commands: readonly string[]) {
    this.#commands = commands;
  }

  /** Whole lines of the output log, as a session host sends them. */
  add(log: string): void {
    for (const frame of decodeFrames(log)) {
      if (frame.kind === "start") this.#pieces.set(frame.index, []);
      else if (frame.kind === "data" && frame.stream === "stdout")
        this.#pieces.get(frame.index)?.push(frame.text);
      else if (frame.kind === "end" && frame.ok) this.#ended.add(frame.index);
    }
  }

  /** Of the commands that the device took. */
  texts(): ParsedText[] {
    return [...this.#ended]
      .sort((a, b) => a - b)
      .flatMap((index) => {
        const command = this.#commands[index];
        const pieces = this.#pieces.get(index) ?? [];
        return command === undefined ? [] : [{ index, command, text: pieces.join("") }];
      });
  }
}
