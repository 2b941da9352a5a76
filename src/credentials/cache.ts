import type { Clock } from "../core/clock.ts";

/** Entries at most; the one that was read first gives way. */
const MOST = 1000;

/** Remembers what was read for a while, in memory only. Who asks for what is being read shares that reading. */
export class ReadCache<T> {
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #held = new Map<string, { value: T; until: number }>();
  readonly #reading = new Map<string, Promise<T>>();

  constructor(clock: Clock, ttlMs: number) {
    this.#clock = clock;
    this.#ttlMs = ttlMs;
  }

  /** What failed is not remembered. */
  async get(key: string, read: () => Promise<T>): Promise<T> {
    const held = this.#held.get(key);
    if (held !== undefined && this.#clock.monotonic() < held.until) return held.value;
    const under = this.#reading.get(key);
    if (under !== undefined) return await under;
    const reading = read();
    this.#reading.set(key, reading);
    try {
      const value = await reading;
      // A forgetting in between means that what was read may be old already.
      if (this.#reading.get(key) === reading) this.#keep(key, value);
      return value;
    } finally {
      if (this.#reading.get(key) === reading) this.#reading.delete(key);
    }
  }

  forget(key: string): void {
    this.#held.delete(key);
    this.#reading.delete(key);
  }

  #keep(key: string, value: T): void {
    if (this.#ttlMs <= 0) return;
    this.#held.delete(key);
    if (this.#held.size >= MOST) this.#held.delete(this.#held.keys().next().value ?? "");
    this.#held.set(key, { value, until: this.#clock.monotonic() + this.#ttlMs });
  }
}
