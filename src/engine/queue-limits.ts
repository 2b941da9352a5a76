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
    if (this.#clock.monotonic() - this.#look.at >= LOOK_MS) await this.#lookAgain();
    const { maxQueued, maxQueueDepth } = this.#limits;
    const look = this.#look;
    if (look.total + queues.length > maxQueued) throw full(`${maxQueued} jobs wait at most (job.max_queued)`);
    const added = new Map<string, number>();
    for (const queue of queues) added.set(queue, (added.get(queue) ?? 0) + 1);
    for (const [queue, more] of added) {
      if ((look.depths.get(queue) ?? 0) + more <= maxQueueDepth) continue;
      throw full(`${maxQueueDepth} jobs wait in a queue at most (job.max_queue_depth)`);
    }
    look.total += queues.length;
    for (const [queue, more] of added) look.depths.set(queue, (look.depths.get(queue) ?? 0) + more);
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
