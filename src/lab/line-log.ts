/** A line a device received. What was typed where it is not echoed shows as `******`. */
export interface ReceivedLine {
  /** Wall-clock milliseconds. */
  at: number;
  /** Which connection, counted from 1. */
  session: number;
  text: string;
  hidden: boolean;
  /** The prompt it was typed at; empty for an exec request. */
  prompt: string;
}

/** The last lines a device received, oldest first. */
export class LineLog {
  readonly #capacity: number;
  #lines: ReceivedLine[] = [];
  #received = 0;

  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  /** All lines ever received, also those no longer kept. */
  get received(): number {
    return this.#received;
  }

  add(line: ReceivedLine): void {
    this.#received += 1;
    this.#lines.push(line);
    if (this.#lines.length >= 2 * this.#capacity) this.#lines = this.#lines.slice(-this.#capacity);
  }

  lines(): readonly ReceivedLine[] {
    return this.#lines.slice(-this.#capacity);
  }
}
