import type { Io } from "../cli/cli.ts";
import { HiddenLine } from "../cli/online/terminal.ts";
import { StartupError } from "../core/errors.ts";

/** Reads a secret, of which `what` is asked for where a person types it. */
export type ReadSecret = (io: Io, what: string) => Promise<string>;

const MAX_BYTES = 256 * 1024;

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
  const line = new HiddenLine();
  const decoder = new TextDecoder();
  // Before the question: whoever answers it at once must not see the answer.
  process.stdin.setRawMode(true);
  io.err(`${what}: `);
  try {
    for await (const part of process.stdin) {
      const end = line.take(decoder.decode(part, { stream: true }));
      if (end === "interrupt") throw new StartupError("nothing was changed");
      if (end === "enter") break;
    }
    return line.text;
  } finally {
    process.stdin.setRawMode(false);
    io.err("\n");
  }
}
