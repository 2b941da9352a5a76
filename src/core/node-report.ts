/** What a node has done since its start, and holds at this moment, in plain numbers. Goes with its heartbeat. */
export interface NodeReport {
  claims: number;
  leaseRenewals: number;
  /** Its own runs that were found not to be its any more. */
  lostRuns: number;
  /** Runs of whatever node that it found lapsed and ended. */
  reapedRuns: number;
  evictedIdle: number;
  evictedDisplaced: number;
  connectsOpened: number;
  connectsFailed: number;
  loginsRefused: number;
  turnedAwayByDevice: number;
  turnedAwayByLogin: number;
  /** Of this moment. */
  connectsWaiting: number;
  deviceBreakersOpen: number;
  deviceBreakersHalfOpen: number;
  loginBreakersOpen: number;
  loginBreakersHalfOpen: number;
}
