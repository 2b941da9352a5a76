/** What a node has done since its start, and holds at this moment. Goes with its heartbeat, as JSON. */
export interface NodeReport extends NodeNumbers {
  jobTimes: JobTimesReport;
}

/** In plain numbers: counts since the node's start, but for those of this moment. */
export interface NodeNumbers {
  /** Runs it has claimed. */
  claims: number;
  /** Leases renewed, one for each run and heartbeat. */
  leaseRenewals: number;
  /** Its own runs that were found not to be its any more. */
  lostRuns: number;
  /** Runs of whatever node that it found lapsed and ended. */
  reapedRuns: number;
  /** Pinned workers that had nothing to do for `worker.idle_timeout`. */
  evictedIdle: number;
  /** Idle ones whose place another device needed. */
  evictedDisplaced: number;
  /** Connections to devices that were logged in on. */
  connectsOpened: number;
  connectsFailed: number;
  /** Of those that failed: the device refused the credentials. */
  loginsRefused: number;
  /** Not tried, as a breaker was open: that of the device, or that of its credentials. */
  turnedAwayByDevice: number;
  turnedAwayByLogin: number;
  /** Of this moment, as all that follow: connections that wait for their turn. */
  connectsWaiting: number;
  deviceBreakersOpen: number;
  deviceBreakersHalfOpen: number;
  loginBreakersOpen: number;
  loginBreakersHalfOpen: number;
}

/** Histograms of the node's runs. */
export interface JobTimesReport {
  /** Upper bounds of the buckets, seconds; the last bucket has none. With the counts, for programs may differ in them. */
  bounds: readonly number[];
  /** By the job's driver and the kind of its queue. */
  waits: Histograms;
  /** By the job's driver and what became of the run. */
  durations: Histograms;
}

/** By driver and a second label: the sum in seconds, then how many are in each bucket, up to the last that is not empty. */
export type Histograms = Record<string, Record<string, readonly number[]>>;
