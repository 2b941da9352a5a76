import type { NodeReport } from "../core/node-report.ts";
import type { Evictions } from "../engine/adoption.ts";
import type { NodeWork } from "../engine/node-work.ts";
import type { AdmissionCounters } from "./admission.ts";

/** All that a node counts; without admission its numbers are 0. */
export function nodeReport(work: NodeWork, evictions: Evictions, admission?: AdmissionCounters): NodeReport {
  const { connects, turnedAway, breakers, waiting } = admission ?? {};
  const { times, ...counts } = work;
  return {
    ...counts,
    jobTimes: times.report(),
    evictedIdle: evictions.idle,
    evictedDisplaced: evictions.displaced,
    connectsOpened: connects?.opened ?? 0,
    connectsFailed: connects?.failed ?? 0,
    loginsRefused: connects?.loginsRefused ?? 0,
    turnedAwayByDevice: turnedAway?.byDevice ?? 0,
    turnedAwayByLogin: turnedAway?.byLogin ?? 0,
    connectsWaiting: waiting ?? 0,
    deviceBreakersOpen: breakers?.devices.open ?? 0,
    deviceBreakersHalfOpen: breakers?.devices.halfOpen ?? 0,
    loginBreakersOpen: breakers?.logins.open ?? 0,
    loginBreakersHalfOpen: breakers?.logins.halfOpen ?? 0,
  };
}
