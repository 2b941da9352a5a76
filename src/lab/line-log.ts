import type { Received } from "./platform.ts";

/** A line a device received, and when. */
export interface ReceivedLine extends Received {
  /** Wall-clock milliseconds. */
  at: number;
  /** Which connection, counted from 1. */
  session: number;
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
