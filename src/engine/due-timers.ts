import type { Clock, Timer } from "../core/clock.ts";

/** What lies farther ahead is left to the sweeps to come. Longer than any pause before a retry. */
const FARTHEST_MS = 60_000;
/** A timer may fire a moment early, and a claim that comes too early finds nothing. */
const SLACK_MS = 2;
/** Most moments kept at once, some hundred bytes each. What comes beyond is found by the sweep. */
const MOST = 10_000;

/** Remembers when queues have a job that may start then, and says so at that moment. */
export class DueTimers {
  readonly #clock: Clock;
  readonly #onDue: (queue: string) => void;
  readonly #timers = new Set<Timer>();

  constructor(clock: Clock, onDue: (queue: string) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  expect(queue: string, inMs: number): void {
    if (inMs > FARTHEST_MS || this.#timers.size >= MOST) return;
    const timer = this.#clock.after(inMs + SLACK_MS, () => {
      this.#timers.delete(timer);
      this.#onDue(queue);
    });
    this.#timers.add(timer);
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }
}
