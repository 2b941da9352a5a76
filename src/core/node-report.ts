/** What a node has done since its start, and holds at this moment. Goes with its heartbeat, as JSON. */
export interface NodeReport extends NodeNumbers {
  jobTimes: JobTimesReport;
}

/** In plain numbers. */
export interface NodeNumbers {
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
