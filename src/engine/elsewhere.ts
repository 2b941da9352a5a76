import type { Clock } from "../core/clock.ts";

/** How long an owner counts without a new look, ms: should its end go unheard, the queue waits no longer. */
const TRUSTED_MS = 1_000;
/** Most owners kept, some hundred bytes each; asking once too often does no harm. */
const MOST = 10_000;

/**
 * Pinned queues that are known to have a worker on another node. Every job of theirs is hinted at to all nodes, who
 * would each ask the store in vain whether the queue is free.
 */
export class Elsewhere {
  readonly #clock: Clock;
  readonly #owners = new Map<string, { worker: string; until: number }>();
  readonly #queues = new Map<string, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(queue: string, worker: string): void {
    this.#forget(queue);
    for (const oldest of this.#owners.keys()) {
      if (this.#owners.size < MOST) break;
      this.#forget(oldest);
    }
    this.#owners.set(queue, { worker, until: this.#clock.monotonic() + TRUSTED_MS });
    this.#queues.set(worker, queue);
  }

  has(queue: string): boolean {
    const owner = this.#owners.get(queue);
    if (owner === undefined) return false;
    if (this.#clock.monotonic() < owner.until) return true;
    this.#forget(queue);
    return false;
  }

  /** The worker has ended: its queue may be free. */
  ended(worker: string): void {
    const queue = this.#queues.get(worker);
    if (queue !== undefined) this.#forget(queue);
  }

  #forget(queue: string): void {
    const owner = this.#owners.get(queue);
    if (owner === undefined) return;
    this.#owners.delete(queue);
    this.#queues.delete(owner.worker);
  }
}
