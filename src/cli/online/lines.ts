import { readFileSync } from "node:fs";
import { usage } from "./exit.ts";
import { MOST_INPUT, type Terminal } from "./terminal.ts";

/** What a file holds, or stdin for `-`. */
export async function readBytes(path: string, terminal: Terminal): Promise<Uint8Array> {
  if (path === "-") return await terminal.read();
  const bytes = fileBytes(path);
  if (bytes.length > MOST_INPUT) throw usage(`${path} holds more than 64 MiB`);
  return bytes;
}

function fileBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    throw usage(`${path} cannot be read${code}`);
  }
}

export async function readText(path: string, terminal: Terminal): Promise<string> {
  return new TextDecoder().decode(await readBytes(path, terminal));
}

/** The lines of a configuration, without empty ones. */
export async function readLines(path: string, terminal: Terminal): Promise<string[]> {
  const lines = (await readText(path, terminal)).split(/\r?\n/).filter((line) => line.trim() !== "");
  if (lines.length === 0) throw usage(`${path === "-" ? "stdin" : path} holds no line`);
  return lines;
}
