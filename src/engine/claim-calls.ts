import { isPinnedQueue } from "../core/job.ts";
import type { Slot, Slots } from "./slot.ts";

/**
 * Jobs asked for in one call: keeps one transaction short, and the store busy while the answer before is dealt with.
 * With all that a hundred workers want in two calls, store and node would wait for each other in turns.
 */
export const MAX_REQUESTS = 24;
/** Calls under way at once. What comes meanwhile goes into the next one, so a slow store is asked for more at a time. */
export const MAX_CALLS = 6;

/** Of a worker, for a job of its queue. */
export interface Request {
  slot: Slot;
  queue: string;
}

export interface ClaimCallsDeps {
  slots: Slots;
  mayAsk(slot: Slot): boolean;
  /** Claims for the requests and deals with the answer. Must not reject. */
  claim(requests: Request[]): Promise<void>;
  /** A pinned queue has work and none of our workers listens on it. */
  adopt(queue: string): void;
}

/**
 * The claims for the queues of one shard: each takes as much as there are free workers for that no other call asks
 * for. Shards are asked apart, so that one which does not answer keeps only its own queues waiting.
 */
export class ClaimCalls {
  readonly #deps: ClaimCallsDeps;
  readonly #ready = new Set<string>();
  /** Workers that a call under way asks for. */
  readonly #asking = new Set<Slot>();
  /** Queues whose every free worker asks already, but perhaps asked before the last job came. */
  readonly #again = new Set<string>();
  readonly #calls = new Set<Promise<void>>();
  #scheduled = false;
  #stopped = false;

  constructor(deps: ClaimCallsDeps) {
    this.#deps = deps;
  }

  /** The queue may have work that can start now. */
  queueReady(queue: string): void {
    if (this.#stopped) return;
    this.#ready.add(queue);
    this.#schedule();
  }

  /** Asks for nothing more; resolves when the last answer is dealt with. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ready.clear();
    await Promise.all(this.#calls);
  }

  /** A moment later, so that what gets free at the same moment goes into the same call. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#ask();
    });
  }

  #ask(): void {
    while (this.#calls.size < MAX_CALLS && !this.#stopped) {
      const requests = this.#take();
      if (requests.length === 0) return;
      const call: Promise<void> = this.#deps.claim(requests).then(() => this.#answered(call, requests));
      this.#calls.add(call);
    }
  }

  #answered(call: Promise<void>, requests: Request[]): void {
    this.#calls.delete(call);
    for (const { slot, queue } of requests) {
      this.#asking.delete(slot);
      if (this.#again.delete(queue)) this.#ready.add(queue);
    }
    if (this.#ready.size > 0) this.#schedule();
  }

  /** Empties the ready set into requests. */
  #take(): Request[] {
    const requests: Request[] = [];
    for (const queue of this.#ready) {
      const room = MAX_REQUESTS - requests.length;
      if (room === 0) break;
      const listening = [...this.#deps.slots.on(queue)];
      const free = listening.filter((slot) => !this.#asking.has(slot) && this.#deps.mayAsk(slot));
      if (free.length <= room) this.#ready.delete(queue);
      if (listening.length === 0 && isPinnedQueue(queue)) this.#deps.adopt(queue);
      if (free.length === 0 && listening.some((slot) => this.#asking.has(slot))) this.#again.add(queue);
      for (const slot of free.slice(0, room)) requests.push({ slot, queue });
    }
    for (const { slot } of requests) this.#asking.add(slot);
    return requests;
  }
}
