/** How many are under way at once: a thousand sessions that were opened together are not asked in one moment. */
const AT_ONCE = 16;

/** Asks idle sessions for their health, a few at a time. */
export class IdleProbes {
  readonly #onFault: (error: unknown) => void;
  #underWay = 0;
  #rest: Iterator<() => Promise<void>> | null = null;

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** Asks all of these, each when its turn comes; nothing while an earlier round is under way: the next will do. */
  round(probes: Iterable<() => Promise<void>>): void {
    if (this.#rest !== null || this.#underWay > 0) return;
    this.#rest = probes[Symbol.iterator]();
    for (let n = 0; n < AT_ONCE; n++) this.#next();
  }

  #next(): void {
    const next = this.#rest?.next();
    if (!next || next.done) {
      this.#rest = null;
      return;
    }
    this.#underWay += 1;
    next
      .value()
      .catch(this.#onFault)
      .then(() => {
        this.#underWay -= 1;
        this.#next();
      });
  }
}
