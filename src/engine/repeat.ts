import type { Clock, Timer } from "../core/clock.ts";

/** Something long-lived. `stop` is idempotent and resolves when nothing of it runs any more. */
export interface Service {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs a duty every `everyMs`, never two at once; the pause is counted from the end of a round. A round
 * that throws is reported and the next one comes all the same.
 */
export class Repeat implements Service {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #round: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #timer: Timer | null = null;
  #running: Promise<void> = Promise.resolve();
  #pause: number;
  #dueAt = Number.POSITIVE_INFINITY;
  #busy = false;
  #stopped = true;

  constructor(params: {
    clock: Clock;
    everyMs: number;
    round: () => Promise<void>;
    onError: (error: unknown) => void;
  }) {
    this.#clock = params.clock;
    this.#everyMs = params.everyMs;
    this.#pause = params.everyMs;
    this.#round = params.round;
    this.#onError = params.onError;
  }

  async start(): Promise<void> {
    this.#stopped = false;
    this.#schedule(this.#everyMs);
  }

  /** Has the next round begin within `ms` (of the end of this one), if it would begin later. */
  hurry(ms: number): void {
    if (this.#busy) this.#pause = Math.min(this.#pause, ms);
    if (this.#busy || this.#clock.monotonic() + ms >= this.#dueAt) return;
    this.#timer?.cancel();
    this.#schedule(ms);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  #schedule(ms: number): void {
    if (this.#stopped) return;
    this.#dueAt = this.#clock.monotonic() + ms;
    this.#timer = this.#clock.after(ms, () => {
      this.#running = this.#once();
    });
  }

  async #once(): Promise<void> {
    this.#busy = true;
    this.#pause = this.#everyMs;
    try {
      await this.#round();
    } catch (error) {
      this.#onError(error);
    }
    this.#busy = false;
    this.#schedule(this.#pause);
  }
}
