import { resolve } from "node:path";
import { type Child, startChild } from "../../support/process.ts";

/** Starts `child.ts` in the given role on the database at `path`. */
export function childOn(path: string, role: "lock", ...args: string[]): Child {
  return startChild([process.execPath, resolve(import.meta.dir, "child.ts"), role, path, ...args]);
}
