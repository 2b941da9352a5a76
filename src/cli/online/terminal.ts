import { createInterface } from "node:readline";
import type { Environment } from "../../config/environment.ts";
import { CommandError, EXIT, usage } from "./exit.ts";
import { type FullScreen, type ScreenEvents, systemFullScreen } from "./full-screen.ts";

/** The user, or the program, at the other end. */
export interface Terminal {
  /** Whether people read stdout, and stderr, and whether they can be asked. */
  readonly out: boolean;
  readonly err: boolean;
  readonly asks: boolean;
  readonly color: boolean;
  readonly columns: number;
  /** Asks on stderr, so that stdout stays what was asked for. Null where the input has ended. */
  ask(question: string, options?: { hidden?: boolean; signal?: AbortSignal }): Promise<string | null>;
  /** All of stdin. */
  read(): Promise<Uint8Array>;
  /** Calls for each Ctrl-C, instead of ending the process, until it is taken back. */
  onInterrupt(heard: () => void): () => void;
  /** Takes the whole screen; null where it cannot be drawn on. */
  readonly takeScreen: ((events: ScreenEvents) => FullScreen) | null;
}

/** Files, and what comes by stdin, end somewhere. */
export const MOST_INPUT = 64 * 1024 * 1024;

/** Nobody at either end. */
export const PIPE: Terminal = {
  out: false,
  err: false,
  asks: false,
  color: false,
  columns: 80,
  ask: async () => null,
  read: async () => new Uint8Array(),
  onInterrupt: () => () => {},
  takeScreen: null,
};

export function systemTerminal(env: Environment): Terminal {
  const { stdin, stdout, stderr } = process;
  const dumb = env.TERM === "dumb";
  return {
    out: stdout.isTTY === true,
    err: stderr.isTTY === true,
    asks: stdin.isTTY === true && stderr.isTTY === true,
    color: stdout.isTTY === true && !dumb && !env.NO_COLOR,
    get columns() {
      return stdout.columns || stderr.columns || 80;
    },
    ask: (question, { hidden = false, signal } = {}) => ask(question, hidden, signal),
    read: readAll,
    onInterrupt(heard) {
      process.on("SIGINT", heard);
      return () => void process.off("SIGINT", heard);
    },
    takeScreen: stdout.isTTY === true && !dumb ? systemFullScreen : null,
  };
}

async function ask(question: string, hidden: boolean, signal?: AbortSignal): Promise<string | null> {
  if (hidden && process.stdin.isTTY) return await readHidden(question);
  process.stderr.write(question);
  const lines = createInterface({ input: process.stdin });
  try {
    return await new Promise<string | null>((resolve) => {
      lines.once("line", resolve);
      lines.once("close", () => resolve(null));
      signal?.addEventListener("abort", () => resolve(null), { once: true });
    });
  } finally {
    lines.close();
    process.stdin.pause();
  }
}

/** Without an echo. The terminal then hands over Ctrl-C as a character. */
function readHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  const line = new HiddenLine();
  return new Promise((resolve, reject) => {
    // Not an iterator, whose end would close stdin for the questions to come.
    const take = (chunk: Buffer) => {
      const end = line.take(String(chunk));
      if (end === null) return;
      stdin.off("data", take);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
      if (end === "interrupt") reject(new CommandError(EXIT.interrupted, "interrupted"));
      else resolve(line.text);
    };
    // Before the question: whoever answers it at once must not see the answer.
    stdin.setRawMode(true);
    stdin.on("data", take);
    stdin.resume();
    stderr.write(question);
  });
}

/** A line as it is typed, with the keys that a terminal does not treat by itself now. */
export class HiddenLine {
  text = "";

  /** Null: it goes on. */
  take(typed: string): "enter" | "interrupt" | null {
    for (const char of typed) {
      if (char === "\r" || char === "\n" || char === "\x04") return "enter";
      if (char === "\x03") return "interrupt";
      if (char === "\x7f" || char === "\b") this.text = [...this.text].slice(0, -1).join("");
      else if (char === "\x15") this.text = "";
      else this.text += char;
    }
    return null;
  }
}

async function readAll(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    size += chunk.length;
    if (size > MOST_INPUT) throw usage("stdin holds more than 64 MiB");
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}
