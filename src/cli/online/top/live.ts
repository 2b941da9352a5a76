import { NetpulseError } from "../../../client/index.ts";
import type { FullScreen } from "../full-screen.ts";
import type { Work } from "../online.ts";
import { oneLine } from "../text.ts";
import { type Look, Looks, type Run } from "./looks.ts";
import { view } from "./view.ts";

/** As wide as the course of the rate may get. */
const HISTORY = 40;

/** The whole screen, drawn anew with each look, each key and each change of its size. */
export class LiveTop {
  readonly #work: Work;
  readonly #run: Run;
  readonly #looks: Looks;
  readonly #over = new AbortController();
  #screen: FullScreen | null = null;
  #look: Look | null = null;
  #trouble: string | null = null;
  #history: number[] = [];
  #paused = false;
  #taken = 0;
  #wake = () => {};

  constructor(work: Work, run: Run) {
    this.#work = work;
    this.#run = run;
    this.#looks = new Looks(work);
  }

  async run(): Promise<"ended" | "interrupted"> {
    // The first look comes before the screen is taken: what is wrong then is said as by any other command.
    await this.#see();
    const { terminal } = this.#work;
    const forget = terminal.onInterrupt(() => this.#key("\x03"));
    this.#screen =
      terminal.takeScreen?.({ key: (key) => this.#key(key), resized: () => this.#draw() }) ?? null;
    try {
      this.#draw();
      while (this.#taken < this.#run.count && !this.#ended) {
        await this.#pause();
        if (!this.#ended && !this.#paused) await this.#see();
        this.#draw();
      }
    } catch (error) {
      if (!this.#ended) throw error;
    } finally {
      this.#screen?.leave();
      forget();
    }
    return this.#over.signal.reason === "interrupted" ? "interrupted" : "ended";
  }

  get #ended(): boolean {
    return this.#over.signal.aborted;
  }

  #key(key: string): void {
    if (key === "q" || key === "Q") this.#over.abort("ended");
    else if (key === "\x03") this.#over.abort("interrupted");
    else if (key === "p" || key === " ") this.#paused = !this.#paused;
    else return;
    this.#draw();
    this.#wake();
  }

  /** Until the next look is due, or a key asks for something. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ended) return resolve();
      const timer = this.#work.clock.after(this.#run.intervalMs, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  async #see(): Promise<void> {
    const look = await this.#looks.take(this.#over.signal);
    this.#taken += 1;
    if (look instanceof NetpulseError) {
      this.#trouble = oneLine(look.message);
      return;
    }
    this.#look = look;
    this.#trouble = null;
    if (look.rate === null) return;
    this.#history = [...this.#history, look.rate.finished + look.rate.failed].slice(-HISTORY);
  }

  #draw(): void {
    if (this.#look === null || this.#screen === null || this.#ended) return;
    const { terminal, clock, client } = this.#work;
    const { columns, color } = terminal;
    const shown = {
      url: client.url,
      now: clock.now(),
      ...this.#look,
      history: this.#history,
      trouble: this.#trouble,
      paused: this.#paused,
    };
    this.#screen.draw(view(shown, { rows: this.#screen.rows, columns, color }));
  }
}
