import type { Ended } from "./sample.ts";

/** Jobs a second. */
export interface Rate {
  finished: number;
  failed: number;
}

/** Nodes tell with their heartbeats, some seconds apart: over less it would jump between nothing and too much. */
const WINDOW_MS = 15_000;

/** What became of jobs in the last seconds, from counters that begin again at 0 when their node does. */
export class Rates {
  #last: { at: number; ended: Ended } | null = null;
  #steps: { at: number; finished: number; failed: number }[] = [];

  /** Null as long as nothing is known. */
  add(at: number, ended: Ended): Rate | null {
    const last = this.#last;
    this.#last = { at, ended };
    if (last === null) {
      this.#steps = [{ at, finished: 0, failed: 0 }];
      return null;
    }
    this.#steps.push({ at, ...stepFrom(last.ended, ended) });
    while ((this.#steps[1]?.at ?? at) <= at - WINDOW_MS) this.#steps.shift();
    return this.#rate(at);
  }

  #rate(at: number): Rate | null {
    const [first, ...steps] = this.#steps;
    const seconds = (at - (first?.at ?? at)) / 1000;
    if (seconds <= 0) return null;
    return {
      finished: steps.reduce((sum, step) => sum + step.finished, 0) / seconds,
      failed: steps.reduce((sum, step) => sum + step.failed, 0) / seconds,
    };
  }
}

function stepFrom(before: Ended, now: Ended): Rate {
  const step = { finished: 0, failed: 0 };
  for (const [series, { well, runs }] of now) {
    const known = before.get(series)?.runs ?? 0;
    const more = runs < known ? runs : runs - known;
    step[well ? "finished" : "failed"] += more;
  }
  return step;
}
