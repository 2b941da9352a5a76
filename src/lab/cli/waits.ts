import type { Timer } from "../../core/clock.ts";
import type { Line } from "../platform.ts";

/** What a session waits for; Ctrl-C ends a command's waits, and the command then stops by itself. */
export class Waits {
  readonly #line: Line;
  #interrupted = false;
  #sleeping: (() => void) | null = null;

  constructor(line: Line) {
    this.#line = line;
  }

  goesOn(): boolean {
    return !this.#interrupted && !this.#line.isClosed();
  }

  async sleep(ms: number): Promise<boolean> {
    if (!this.goesOn()) return false;
    if (ms > 0) await this.#wait(ms, true);
    return this.goesOn();
  }

  async flushed(): Promise<boolean> {
    await this.#line.out.idle();
    await new Promise<void>((resolve) => setImmediate(resolve));
    return this.goesOn();
  }

  async latency(): Promise<void> {
    const ms = this.#line.latencyMs();
    if (ms > 0) await this.#wait(ms, false);
  }

  async interruptible(run: () => Promise<void>): Promise<void> {
    this.#interrupted = false;
    this.#line.terminal.onInterrupt = () => {
      this.#line.record({ text: "", end: "interrupt", hidden: false, prompt: "" });
      this.#interrupted = true;
      this.#sleeping?.();
    };
    try {
      await run();
    } finally {
      this.#line.terminal.onInterrupt = null;
    }
  }

  #wait(ms: number, breakable: boolean): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | null = null;
      const done = () => {
        timer?.cancel();
        this.#sleeping = null;
        resolve();
      };
      timer = this.#line.after(ms, done);
      if (breakable) this.#sleeping = done;
    });
  }
}
