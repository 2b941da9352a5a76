import type { Clock, Timer } from "../../src/core/clock.ts";

/** Rounds of the event loop that `settle` lets pass: enough for a call that goes through several awaits. */
const ROUNDS = 8;

interface Pending {
  at: number;
  order: number;
  run(): void;
}

/** Time that stands still until a test moves it. */
export class FakeClock implements Clock {
  #wall: number;
  #monotonic = 1_000;
  #order = 0;
  readonly #pending = new Set<Pending>();

  /** `start` is the wall-clock time, milliseconds since the Unix epoch. */
  constructor(start = Date.UTC(2024, 0, 1)) {
    this.#wall = start;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, run: () => void): Timer {
    const pending: Pending = { at: this.#monotonic + Math.max(0, ms), order: this.#order++, run };
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }

  /** How many timers wait: 0 after a clean stop. */
  get timers(): number {
    return this.#pending.size;
  }

  /** Milliseconds until the first timer is due; infinite where none waits. */
  get nextIn(): number {
    return Math.min(...[...this.#pending].map(({ at }) => at)) - this.#monotonic;
  }

  /**
   * Lets `ms` pass: runs every timer that falls due, each at its own moment and in order, also those that the
   * timers themselves set, and lets what they started settle before time goes on.
   */
  async advance(ms: number): Promise<void> {
    await this.settle();
    const end = this.#monotonic + ms;
    for (let next = this.#due(end); next; next = this.#due(end)) {
      this.#moveTo(next.at);
      this.#pending.delete(next);
      next.run();
      await this.settle();
    }
    this.#moveTo(end);
    await this.settle();
  }

  /**
   * Time passes and nobody runs, as in a stopped process: due timers stay due until the next `advance`.
   */
  jump(ms: number): void {
    this.#moveTo(this.#monotonic + ms);
  }

  /** Somebody sets the wall clock; time itself does not pass. */
  stepWall(ms: number): void {
    this.#wall += ms;
  }

  /** Lets promises and immediates that are ready run. Moves no time. */
  async settle(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      await new Promise<void>((resume) => setImmediate(resume));
    }
  }

  #due(end: number): Pending | undefined {
    let first: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.at <= end && (!first || before(pending, first))) first = pending;
    }
    return first;
  }

  #moveTo(at: number): void {
    const passed = Math.max(0, at - this.#monotonic);
    this.#monotonic += passed;
    this.#wall += passed;
  }
}

function before(a: Pending, b: Pending): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
