import type { NodeReport } from "../core/node-report.ts";

/** What a node counts of its own work, over all of its incarnations. Counted up by who does it. */
export type NodeWork = Pick<NodeReport, "claims" | "leaseRenewals" | "lostRuns" | "reapedRuns">;

export function noWork(): NodeWork {
  return { claims: 0, leaseRenewals: 0, lostRuns: 0, reapedRuns: 0 };
}
