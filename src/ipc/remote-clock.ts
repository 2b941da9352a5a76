/**
 * Translates this process's monotonic deadlines to a child's monotonic clock. Both clocks run at the
 * same rate (one kernel clock) from different origins. A reading that the child took before we received
 * it gives an origin that is late by at most the transit, so a translated deadline is never later than
 * the real one: the safe side for "may write until". The tightest reading is kept.
 */
export class RemoteClock {
  #offset = Number.NEGATIVE_INFINITY;

  /** `remoteNow` was read by the child at some moment before `localNow`, its receipt here. */
  observe(remoteNow: number, localNow: number): void {
    this.#offset = Math.max(this.#offset, remoteNow - localNow);
  }

  /** The child's reading at our `local`, or earlier. */
  toRemote(local: number): number {
    return local + this.#offset;
  }
}
