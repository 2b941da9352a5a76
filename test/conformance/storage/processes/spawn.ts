import { resolve } from "node:path";
import { type Child, startChild } from "../../../support/process.ts";
import type { StoreSpec } from "../fixture.ts";
import type { Role } from "./child.ts";

/** Starts `child.ts` in a role of its own on the store that the spec names. */
export function startOther(spec: StoreSpec, role: Role, args: string[]): Child {
  const script = resolve(import.meta.dir, "child.ts");
  return startChild([process.execPath, script, role, JSON.stringify(spec), ...args]);
}
