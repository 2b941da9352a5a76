import type { Clock } from "../../core/clock.ts";
import type { JobError } from "../../core/job.ts";
import type { Lease, Storage } from "../../storage/storage.ts";
import { LapseWatch, watching } from "../lapse-watch.ts";
import { type LeaseTerms, lapseMs } from "../lease.ts";

const LOST: JobError = {
  type: "WorkerLost",
  message:
    "the worker was lost while it ran this job; what had reached the device is unknown, the output so far is kept",
  retryable: true,
};

/** Ends runs whose node stopped renewing them. Any number of nodes may do it: the store guards each. */
export class Reaper {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #watch: LapseWatch;

  constructor(storage: Storage, clock: Clock, lease: LeaseTerms) {
    this.#storage = storage;
    this.#clock = clock;
    this.#watch = new LapseWatch(lapseMs(lease), lease.leaseMs / 2);
  }

  /** The store did not answer somebody: nobody's silence proves anything up to now. */
  reset(): void {
    this.#watch.reset();
  }

  /** One look at all leases; returns the jobs that were ended or requeued. */
  round(): Promise<string[]> {
    return watching(this.#watch, () => this.#look());
  }

  async #look(): Promise<string[]> {
    const leases = await this.#storage.leases();
    const lapsed = this.#watch.look(
      leases.map((lease) => ({ key: keyOf(lease), value: lease.renewal })),
      this.#clock.monotonic(),
    );
    const gone = leases.filter((lease) => lapsed.has(keyOf(lease)));
    if (gone.length === 0) return [];
    const outcomes = await this.#storage.reap({ leases: gone, error: LOST });
    return gone
      .filter((_, i) => outcomes[i] === "failed" || outcomes[i] === "requeued")
      .map((l) => l.token.id);
  }
}

function keyOf({ token }: Lease): string {
  return `${token.id}/${token.run}/${token.nonce}`;
}
