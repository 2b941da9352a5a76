import type { Clock, Timer } from "../core/clock.ts";
import type { TemplateCall } from "../template/templates.ts";

/** What is rendered or parsed for a run at the moment, which ends with the run's time at the latest. */
export class TemplateWork {
  readonly #clock: Clock;
  readonly #lane: string;
  #abort: AbortController | null = null;
  #timer: Timer | null = null;

  constructor(clock: Clock, lane: string) {
    this.#clock = clock;
    this.#lane = lane;
  }

  begin(ms: number, onOverdue: () => void): TemplateCall {
    const abort = new AbortController();
    this.#abort = abort;
    this.#timer = this.#clock.after(Math.max(0, ms), () => {
      if (this.end()) onOverdue();
    });
    return { lane: this.#lane, patient: true, signal: abort.signal };
  }

  /** Whether there was any. */
  end(): boolean {
    const abort = this.#abort;
    this.#abort = null;
    this.#timer?.cancel();
    abort?.abort(new Error("the run was ended"));
    return abort !== null;
  }
}
