/**
 * Who waits, by whose they are: lanes get their turns one after another, and none has more than its share under way
 * while there are several places.
 */
export class Lanes<W> {
  readonly #share: number;
  readonly #waiting = new Map<string, Set<W>>();
  readonly #running = new Map<string, number>();

  /** `share`: works of one lane under way at once. */
  constructor(share: number) {
    this.#share = share;
  }

  waiting(lane: string): number {
    return this.#waiting.get(lane)?.size ?? 0;
  }

  add(lane: string, one: W): void {
    const line = this.#waiting.get(lane) ?? new Set();
    this.#waiting.set(lane, line.add(one));
  }

  /** It does not wait any more. */
  remove(lane: string, one: W): void {
    const line = this.#waiting.get(lane);
    line?.delete(one);
    if (line?.size === 0) this.#waiting.delete(lane);
  }

  /** Whether one more of it may be under way. */
  hasShare(lane: string): boolean {
    return (this.#running.get(lane) ?? 0) < this.#share;
  }

  /** The next whose turn it is, from now on under way; null: nobody waits who may go. */
  next(): W | null {
    for (const [lane, line] of this.#waiting) {
      if (!this.hasShare(lane)) continue;
      const [first] = line;
      if (first === undefined) continue;
      this.#waiting.delete(lane);
      line.delete(first);
      if (line.size > 0) this.#waiting.set(lane, line);
      this.#running.set(lane, (this.#running.get(lane) ?? 0) + 1);
      return first;
    }
    return null;
  }

  ended(lane: string): void {
    const left = (this.#running.get(lane) ?? 0) - 1;
    if (left > 0) this.#running.set(lane, left);
    else this.#running.delete(lane);
  }

  /** Everybody who waits. */
  all(): W[] {
    return [...this.#waiting.values()].flatMap((line) => [...line]);
  }
}
