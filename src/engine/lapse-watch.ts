import { StorageError } from "../core/errors.ts";

/** Something that a living owner changes all the time: a lease's renewal, a node's beat. */
export interface Sign {
  key: string;
  value: number;
}

/**
 * Tells which signs have stood still for a whole term on the watcher's own monotonic clock. Wall clocks
 * and other machines' clocks play no part. An observation gap (the store did not answer, or the watcher
 * itself was stopped) starts every watch anew: silence counts only while we could have heard.
 */
export class LapseWatch {
  readonly #termMs: number;
  readonly #maxGapMs: number;
  #seen = new Map<string, { value: number; since: number }>();
  #lastLook = Number.NEGATIVE_INFINITY;

  /** `maxGapMs`: longest pause between two looks that still counts as watching. */
  constructor(termMs: number, maxGapMs: number) {
    this.#termMs = termMs;
    this.#maxGapMs = maxGapMs;
  }

  /** Takes what is there now; returns the keys that have lapsed. */
  look(signs: readonly Sign[], monotonicNow: number): Set<string> {
    if (monotonicNow - this.#lastLook > this.#maxGapMs) this.#seen.clear();
    this.#lastLook = monotonicNow;
    const seen = new Map<string, { value: number; since: number }>();
    const lapsed = new Set<string>();
    for (const { key, value } of signs) {
      const before = this.#seen.get(key);
      const since = before?.value === value ? before.since : monotonicNow;
      seen.set(key, { value, since });
      if (monotonicNow - since >= this.#termMs) lapsed.add(key);
    }
    this.#seen = seen;
    return lapsed;
  }

  /** The store did not answer: what was seen before proves nothing any more. */
  reset(): void {
    this.#seen.clear();
  }
}

/** A look that fails because the store did not answer starts the watch anew. */
export async function watching<T>(watch: LapseWatch, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof StorageError) watch.reset();
    throw error;
  }
}
