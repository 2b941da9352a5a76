import type { NodeNumbers } from "../../../core/node-report.ts";

/** How a number of a node's report is shown, beside its label `node`. */
export interface NodeMetric {
  of: keyof NodeNumbers;
  name: string;
  kind: "counter" | "gauge";
  help: string;
  labels: Record<string, string>;
}

const series = (
  kind: NodeMetric["kind"],
  name: string,
  help: string,
  values: [keyof NodeNumbers, Record<string, string>?][],
) =>
  values.map(([of, labels = {}]): NodeMetric => ({ of, name: `netpulse_node_${name}`, kind, help, labels }));

export const NODE_METRICS: readonly NodeMetric[] = [
  ...series("counter", "claims_total", "Runs that the node has claimed.", [["claims"]]),
  ...series("counter", "lease_renewals_total", "Leases that the node has renewed.", [["leaseRenewals"]]),
  ...series("counter", "lost_runs_total", "Runs of the node that were found not to be its any more.", [
    ["lostRuns"],
  ]),
  ...series("counter", "reaped_runs_total", "Runs of whatever node that this one found lapsed.", [
    ["reapedRuns"],
  ]),
  ...series("counter", "connects_total", "Connections to devices that were tried.", [
    ["connectsOpened", { result: "opened" }],
    ["connectsFailed", { result: "failed" }],
  ]),
  ...series("counter", "logins_refused_total", "Connections whose credentials a device refused.", [
    ["loginsRefused"],
  ]),
  ...series("counter", "connects_refused_total", "Connections that a circuit breaker did not let through.", [
    ["turnedAwayByDevice", { breaker: "device" }],
    ["turnedAwayByLogin", { breaker: "login" }],
  ]),
  ...series("counter", "evictions_total", "Pinned workers that had to go.", [
    ["evictedIdle", { why: "idle" }],
    ["evictedDisplaced", { why: "displaced" }],
  ]),
  ...series("gauge", "connects_waiting", "Connections that wait for their turn.", [["connectsWaiting"]]),
  ...series("gauge", "breakers", "Circuit breakers that are not closed.", [
    ["deviceBreakersOpen", { breaker: "device", state: "open" }],
    ["deviceBreakersHalfOpen", { breaker: "device", state: "half_open" }],
    ["loginBreakersOpen", { breaker: "login", state: "open" }],
    ["loginBreakersHalfOpen", { breaker: "login", state: "half_open" }],
  ]),
];
