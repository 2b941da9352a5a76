import type { Io } from "../cli/cli.ts";
import { StartupError } from "../core/errors.ts";

/** Reads a secret, of which `what` is asked for where a person types it. */
export type ReadSecret = (io: Io, what: string) => Promise<string>;

const MAX_BYTES = 256 * 1024;
const [ENTER, CTRL_C, CTRL_D, BACKSPACE] = ["\r", "\u0003", "\u0004", "\u007f"];

/** Standard input as it is, less one line end at its end; on a terminal a line that is not shown. */
export const readSecretInput: ReadSecret = async (io, what) => {
  if (process.stdin.isTTY === true) return await typed(io, what);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of Bun.stdin.stream()) {
    size += part.length;
    if (size > MAX_BYTES) throw new StartupError("standard input is longer than 256 KiB");
    parts.push(part);
  }
  return Buffer.concat(parts)
    .toString("utf8")
    .replace(/\r?\n$/, "");
};

async function typed(io: Io, what: string): Promise<string> {
  io.err(`${what}: `);
  process.stdin.setRawMode(true);
  try {
    let text = "";
    for await (const part of process.stdin) {
      for (const char of String(part)) {
        if (char === ENTER || char === "\n" || char === CTRL_D) return text;
        if (char === CTRL_C) throw new StartupError("nothing was changed");
        text = char === BACKSPACE ? text.slice(0, -1) : text + char;
      }
    }
    return text;
  } finally {
    process.stdin.setRawMode(false);
    io.err("\n");
  }
}
