import type { Clock } from "../core/clock.ts";
import { RequestError } from "../core/errors.ts";
import type { Storage } from "../storage/storage.ts";

export interface QueueLimits {
  /** Queued jobs in all. */
  maxQueued: number;
  /** In one queue. */
  maxQueueDepth: number;
}

/** How long a look at the queues counts, ms; what was taken since is added. */
const LOOK_MS = 1000;
/** How old a look may be that a request is refused by, ms: what has left the queues since is not taken off. */
const REFUSAL_MS = 200;
/** What a caller is told to wait for, s: queues drain by jobs, which take about so long. */
const RETRY_AFTER = 5;

interface Look {
  at: number;
  total: number;
  depths: Map<string, number>;
}

/**
 * Refuses jobs while too many are queued, before any of them is stored. Counted by a look a second, and by what this
 * process has taken since: several APIs together may go over by what they take in a second.
 */
export class QueueGate {
  readonly #storage: Pick<Storage, "queues">;
  readonly #clock: Clock;
  readonly #limits: QueueLimits;
  #look: Look = { at: Number.NEGATIVE_INFINITY, total: 0, depths: new Map() };
  #looking: Promise<void> | null = null;

  constructor(storage: Pick<Storage, "queues">, clock: Clock, limits: QueueLimits) {
    this.#storage = storage;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Throws a `RequestError` (`limited`) unless there is room for a job in each of these queues. */
  async enter(queues: readonly string[]): Promise<void> {
    await this.#notOlderThan(LOOK_MS);
    const added = new Map<string, number>();
    for (const queue of queues) added.set(queue, (added.get(queue) ?? 0) + 1);
    if (this.#lacksRoom(queues.length, added) !== null) await this.#notOlderThan(REFUSAL_MS);
    const lack = this.#lacksRoom(queues.length, added);
    if (lack !== null) throw full(lack);
    const look = this.#look;
    look.total += queues.length;
    for (const [queue, more] of added) look.depths.set(queue, (look.depths.get(queue) ?? 0) + more);
  }

  #lacksRoom(count: number, added: ReadonlyMap<string, number>): string | null {
    const { maxQueued, maxQueueDepth } = this.#limits;
    const { total, depths } = this.#look;
    if (total + count > maxQueued) return `${maxQueued} jobs wait at most (job.max_queued)`;
    for (const [queue, more] of added) {
      if ((depths.get(queue) ?? 0) + more > maxQueueDepth)
        return `${maxQueueDepth} jobs wait in a queue at most (job.max_queue_depth)`;
    }
    return null;
  }

  async #notOlderThan(ms: number): Promise<void> {
    if (this.#clock.monotonic() - this.#look.at >= ms) await this.#lookAgain();
  }

  #lookAgain(): Promise<void> {
    this.#looking ??= this.#storage
      .queues()
      .then((queues) => {
        const depths = new Map(queues.map(({ queue, depth }) => [queue, depth]));
        const total = queues.reduce((sum, { depth }) => sum + depth, 0);
        this.#look = { at: this.#clock.monotonic(), total, depths };
      })
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }
}

function full(why: string): RequestError {
  return new RequestError(
    "limited",
    `the queue is full: ${why}; nothing of the request was taken`,
    [],
    RETRY_AFTER,
  );
}
