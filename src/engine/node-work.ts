import type { NodeNumbers } from "../core/node-report.ts";
import { JobTimes } from "./job-times.ts";

/** What a node counts of its own work, over all of its incarnations. Counted up by who does it. */
export interface NodeWork extends Pick<NodeNumbers, "claims" | "leaseRenewals" | "lostRuns" | "reapedRuns"> {
  readonly times: JobTimes;
}

export function noWork(): NodeWork {
  return { claims: 0, leaseRenewals: 0, lostRuns: 0, reapedRuns: 0, times: new JobTimes() };
}
