import type { Clock } from "../core/clock.ts";
import { DeviceError, type WriteGuard } from "../device/driver.ts";

/**
 * Until when a session may write to its device: moved by every run and every lease renewal. One per
 * session, asked before every write.
 */
export class WriteLease implements WriteGuard {
  readonly #clock: Clock;
  #until = Number.NEGATIVE_INFINITY;
  #writes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** On this process's monotonic clock, ms. */
  set until(until: number) {
    this.#until = until;
  }

  /** How often something was written: what has not changed it has sent nothing to the device. */
  get writes(): number {
    return this.#writes;
  }

  assertMayWrite(): void {
    if (this.#clock.monotonic() < this.#until) {
      this.#writes += 1;
      return;
    }
    throw new DeviceError("WorkerLost", "the worker's lease lapsed; nothing more was sent to the device", {
      retryable: true,
    });
  }
}
