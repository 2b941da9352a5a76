import { FULL_ACCESS } from "../../src/core/access.ts";
import type { Caller } from "../../src/engine/engine.ts";
import type { SubmitDeps } from "../../src/engine/submit.ts";

/** Somebody who may do all. */
export function aCaller(key = "test"): Caller {
  return { key, access: FULL_ACCESS };
}

/** For engines whose calls of the store are counted, or drawn: no note is kept and no queue is ever full. */
export const UNNOTED: Pick<SubmitDeps, "audit" | "gate"> = {
  audit: { appendAudit: async () => {} },
  gate: { enter: async () => {} },
};
