import { readFileSync } from "node:fs";
import { usage } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

/** The text of a file, or of stdin for `-`. */
export async function readText(path: string, terminal: Terminal): Promise<string> {
  if (path === "-") return await terminal.read();
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    throw usage(`${path} cannot be read${code}`);
  }
}

/** The lines of a configuration, without empty ones. */
export async function readLines(path: string, terminal: Terminal): Promise<string[]> {
  const lines = (await readText(path, terminal)).split(/\r?\n/).filter((line) => line.trim() !== "");
  if (lines.length === 0) throw usage(`${path === "-" ? "stdin" : path} holds no line`);
  return lines;
}
