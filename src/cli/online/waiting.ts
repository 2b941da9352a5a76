import type { Job, Netpulse } from "../../client/index.ts";
import type { Clock, Timer } from "../../core/clock.ts";
import type { Io } from "../cli.ts";
import type { Terminal } from "./terminal.ts";
import { duration, fit, oneLine, painted } from "./text.ts";

const SECOND = 1000;

/** The API is asked every so many seconds. */
const LOOK_EVERY = 2;

export interface Waited {
  /** What is waited for. */
  text: string;
  /** Says it anew; a failure leaves what was said. */
  look?(): Promise<string>;
}

type Where = { io: Io; terminal: Terminal; clock: Clock };

/**
 * Waits, and tells people what for and how long already: on a line of stderr that is drawn each second and taken away
 * at the end. What takes less than a second shows nothing, nor does anything where nobody looks.
 */
export async function showWaiting<T>(where: Where, waited: Waited, done: Promise<T>): Promise<T> {
  if (!where.terminal.err) return await done;
  const line = new WaitLine(where, waited);
  try {
    return await done;
  } finally {
    line.end();
  }
}

class WaitLine {
  readonly #where: Where;
  readonly #waited: Waited;
  #text: string;
  #seconds = 0;
  #timer: Timer;
  #over = false;

  constructor(where: Where, waited: Waited) {
    this.#where = where;
    this.#waited = waited;
    this.#text = waited.text;
    this.#timer = where.clock.after(SECOND, () => this.#tick());
  }

  end(): void {
    this.#over = true;
    this.#timer.cancel();
    if (this.#seconds > 0) this.#where.io.err("\r\x1b[K");
  }

  #tick(): void {
    this.#seconds += 1;
    if (this.#seconds % LOOK_EVERY === 1) this.#look();
    this.#draw();
    this.#timer = this.#where.clock.after(SECOND, () => this.#tick());
  }

  #look(): void {
    this.#waited.look?.().then(
      (text) => {
        this.#text = text;
        if (!this.#over) this.#draw();
      },
      () => {},
    );
  }

  #draw(): void {
    const { io, terminal } = this.#where;
    const time = duration(this.#seconds);
    const text = fit(oneLine(this.#text), Math.max(10, terminal.columns - time.length - 3));
    io.err(`\r${painted(text, "dim", terminal.color)}  ${time}\x1b[K`);
  }
}

/** Of a job: why it has not begun, or that it runs. */
export function waitedJob(client: Netpulse, id: string, signal: AbortSignal): Waited {
  return {
    text: id,
    look: async () => stateOf(await client.jobs.get(id, { retryForMs: 0, signal })),
  };
}

function stateOf({ id, status, host, waiting_on }: Job): string {
  return `${id} on ${host}: ${status}${waiting_on ? `, ${waiting_on.message}` : ""}`;
}
