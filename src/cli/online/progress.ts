import type { Clock } from "../../core/clock.ts";
import type { Io } from "../cli.ts";
import type { Terminal } from "./terminal.ts";
import { duration, fit, painted } from "./text.ts";

export interface Counts {
  done: number;
  failed: number;
  total: number;
}

const BAR = 24;

/** What the rate is taken from: what was done in the last seconds, so that it follows what happens now. */
const WINDOW_MS = 15_000;

/** A line on stderr that is drawn anew; nothing where nobody looks. */
export class Progress {
  readonly #io: Io;
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  #samples: { at: number; done: number }[] = [];
  #drawn = false;

  constructor({ io, terminal, clock }: { io: Io; terminal: Terminal; clock: Clock }) {
    this.#io = io;
    this.#terminal = terminal;
    this.#clock = clock;
  }

  update(counts: Counts): void {
    const now = this.#clock.monotonic();
    this.#samples.push({ at: now, done: counts.done });
    while ((this.#samples[1]?.at ?? now) < now - WINDOW_MS) this.#samples.shift();
    if (!this.#terminal.err) return;
    this.#drawn = true;
    this.#io.err(`\r${this.#line(counts)}\x1b[K`);
  }

  /** The line is taken away: what comes next begins at the margin. */
  end(): void {
    if (this.#drawn) this.#io.err("\r\x1b[K");
    this.#drawn = false;
  }

  #line({ done, failed, total }: Counts): string {
    const full = total === 0 ? BAR : Math.floor((BAR * done) / total);
    const rate = this.#rate();
    const parts = [
      `[${"#".repeat(full)}${".".repeat(BAR - full)}] ${done}/${total}`,
      ...(rate === null
        ? []
        : [`${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`, `${duration((total - done) / rate)} left`]),
    ];
    const text = fit(parts.join("  "), this.#terminal.columns - 20);
    return failed === 0 ? text : `${text}  ${painted(`${failed} failed`, "red", this.#terminal.color)}`;
  }

  /** Done in a second; null while nothing is known. */
  #rate(): number | null {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.at === first.at || last.done <= first.done)
      return null;
    return ((last.done - first.done) * 1000) / (last.at - first.at);
  }
}
