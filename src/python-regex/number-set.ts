/** How many entries more a memo may keep, all its sets together. */
export interface Space {
  entries: number;
}

/** Numbers, 32 to an entry. Once there is no space it takes no more in and does not know those. */
export class NumberSet {
  readonly #words = new Map<number, number>();
  protected readonly space: Space;

  constructor(space: Space) {
    this.space = space;
  }

  /** False if it was there before. */
  add(number: number): boolean {
    const word = Math.floor(number / 32);
    const bit = 1 << (number % 32);
    const known = this.#words.get(word);
    if (known === undefined) {
      if (this.space.entries > 0) {
        this.space.entries--;
        this.#words.set(word, bit);
      }
      return true;
    }
    if ((known & bit) !== 0) return false;
    this.#words.set(word, known | bit);
    return true;
  }

  clear(): void {
    this.space.entries += this.#words.size;
    this.#words.clear();
  }

  protected bits(word: number): number {
    return this.#words.get(word) ?? 0;
  }
}

/** One that finds what is not in it, always in the same direction, however much is: it jumps over what is full. */
export class FreeNumbers extends NumberSet {
  readonly #step: 1 | -1;
  /** From a full word to one behind which the next that is not full is found. */
  readonly #jumps = new Map<number, number>();

  constructor(space: Space, direction: "up" | "down") {
    super(space);
    this.#step = direction === "up" ? 1 : -1;
  }

  /** The first that is not in it, of those from one to another in its direction; null: all are. */
  first(from: number, to: number): number | null {
    const up = this.#step === 1;
    const last = Math.floor(to / 32);
    let word = Math.floor(from / 32);
    let free = ~this.bits(word) & (up ? -1 << (from % 32) : -1 >>> (31 - (from % 32)));
    if (free === 0) {
      word = this.#notFull(word + this.#step, last);
      if ((last - word) * this.#step < 0) return null;
      free = ~this.bits(word);
    }
    const found = word * 32 + 31 - Math.clz32(up ? free & -free : free);
    return (to - found) * this.#step >= 0 ? found : null;
  }

  override clear(): void {
    super.clear();
    this.space.entries += this.#jumps.size;
    this.#jumps.clear();
  }

  /** May go beyond `last`. Shortens the way for the next time. */
  #notFull(from: number, last: number): number {
    let to = from;
    while (this.bits(to) === -1 && (last - to) * this.#step >= 0) to = this.#after(to);
    for (let word = from; word !== to; ) {
      const next = this.#after(word);
      if (next !== to) this.#jump(word, to);
      word = next;
    }
    return to;
  }

  #after(word: number): number {
    return this.#jumps.get(word) ?? word + this.#step;
  }

  #jump(from: number, to: number): void {
    if (!this.#jumps.has(from)) {
      if (this.space.entries <= 0) return;
      this.space.entries--;
    }
    this.#jumps.set(from, to);
  }
}
