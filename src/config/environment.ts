import { hostname } from "node:os";
import type { Machine } from "./schema.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A copy of the process's environment. Nothing outside `src/config` reads it. */
export function processEnvironment(): Record<string, string> {
  const set = Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return Object.fromEntries(set);
}

export function thisMachine(): Machine {
  return { hostname: hostname(), tty: process.stderr.isTTY === true };
}
