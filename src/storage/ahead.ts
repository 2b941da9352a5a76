/** Jobs before another are counted up to here. */
export const MOST_AHEAD = 1_000;
/** Lanes of a queue that are looked at. */
export const LANES_AHEAD = 100;

/** A lane with ready jobs. */
export interface LaneInTurn {
  priority: number;
  lane: string;
  /** Its jobs that may start now. */
  ready: number;
}

/** Where a job waits. */
export interface PlaceInLane {
  priority: number;
  lane: string;
  /** Jobs of its lane that come before it. */
  before: number;
}

/**
 * How many jobs a queue will give before this one, if nothing else comes: all of higher priorities, and of its own one
 * job in turn from each lane. `lanes` are in the order of their turns; the job's own may be beyond them.
 */
export function jobsAhead(lanes: readonly LaneInTurn[], { priority, lane, before }: PlaceInLane): number {
  const level = lanes.filter((other) => other.priority === priority);
  const own = level.findIndex((other) => other.lane === lane);
  // A delayed job's lane may be empty: it takes its place behind the others when it gets work.
  const turn = own === -1 ? level.length : own;
  let ahead = before;
  for (const other of lanes) if (other.priority > priority) ahead += other.ready;
  for (const [n, other] of level.entries()) {
    if (n !== own) ahead += Math.min(other.ready, before + (n < turn ? 1 : 0));
  }
  return Math.min(ahead, MOST_AHEAD);
}
