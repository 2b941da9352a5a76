import type { Clock, Timer } from "../core/clock.ts";

export interface RateTerms {
  perSecond: number;
  /** How many may come at once after a quiet time. */
  burst: number;
}

interface Waiter {
  go(): void;
}

/** A token bucket: lets callers through at a rate, in the order in which they came. One timer for all who wait. */
export class ConnectRate {
  readonly #clock: Clock;
  readonly #terms: RateTerms;
  readonly #waiting = new Set<Waiter>();
  #tokens: number;
  #countedAt: number;
  #timer: Timer | null = null;

  constructor(clock: Clock, terms: RateTerms) {
    this.#clock = clock;
    this.#terms = terms;
    this.#tokens = terms.burst;
    this.#countedAt = clock.monotonic();
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves when it is the caller's turn; rejects with the signal's reason when it aborts first. */
  take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiter);
        signal.removeEventListener("abort", giveUp);
      };
      const waiter: Waiter = {
        go: () => {
          leave();
          resolve();
        },
      };
      const giveUp = () => {
        leave();
        if (this.#waiting.size === 0) this.#rest();
        reject(signal.reason);
      };
      signal.addEventListener("abort", giveUp);
      this.#waiting.add(waiter);
      this.#serve();
    });
  }

  #serve(): void {
    this.#refill();
    for (const waiter of this.#waiting) {
      if (this.#tokens < 1) break;
      this.#tokens -= 1;
      waiter.go();
    }
    if (this.#waiting.size === 0) return this.#rest();
    // Rounded up: a timer may be kept to whole milliseconds.
    const ms = Math.ceil(((1 - this.#tokens) / this.#terms.perSecond) * 1000);
    this.#timer ??= this.#clock.after(ms, () => {
      this.#timer = null;
      this.#serve();
    });
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    const gained = ((now - this.#countedAt) / 1000) * this.#terms.perSecond;
    this.#tokens = Math.min(this.#terms.burst, this.#tokens + gained);
    this.#countedAt = now;
  }

  #rest(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
