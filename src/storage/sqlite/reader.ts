import type { Clock } from "../../core/clock.ts";
import { type Patience, patiently } from "./patience.ts";
import type { Snapshot } from "./snapshot.ts";

/** Runs reads. */
export class Reader {
  readonly #patience: Patience;
  readonly #snapshot: Snapshot;
  readonly #writes: { readonly unsynced: Promise<void> | null };

  constructor(patience: Patience, snapshot: Snapshot, writes: { readonly unsynced: Promise<void> | null }) {
    this.#patience = patience;
    this.#snapshot = snapshot;
    this.#writes = writes;
  }

  get clock(): Clock {
    return this.#patience.clock;
  }

  /** Answers when all that `attempt` may have seen of this process' writes would survive a power cut. */
  async read<R>(attempt: () => R): Promise<R> {
    const value = await patiently(this.#patience, () => this.#snapshot.read(attempt));
    if (this.#writes.unsynced !== null) await this.#writes.unsynced;
    return value;
  }
}
