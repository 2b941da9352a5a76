import { hostname } from "node:os";
import type { Machine } from "./schema.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The process's environment. Nothing outside `src/config` reads it. */
export function processEnvironment(): Environment {
  return process.env;
}

export function thisMachine(): Machine {
  return { hostname: hostname(), tty: process.stderr.isTTY === true };
}
