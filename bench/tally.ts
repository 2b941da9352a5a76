import type { WorkerEvents } from "./queue.ts";

/** Counts what a worker does with jobs 0 to `total` - 1, and knows whether each of them ran once. */
export class Tally implements WorkerEvents {
  readonly #starts: Uint8Array;
  #started = 0;
  #done = 0;
  #onStart: () => void = () => {};
  #waiting: { done: number; reached: PromiseWithResolvers<void> } | null = null;
  #error: unknown = null;

  constructor(total: number) {
    this.#starts = new Uint8Array(total);
  }

  started(n: number): void {
    this.#starts[n] = (this.#starts[n] ?? 0) + 1;
    this.#started += 1;
    this.#onStart();
  }

  done(): void {
    this.#done += 1;
    if (this.#waiting?.done === this.#done) this.#waiting.reached.resolve();
  }

  failed(error: unknown): void {
    this.#error ??= error ?? new Error("failed without a reason");
    this.#waiting?.reached.reject(this.#error);
  }

  /** Calls back at the start of every job. */
  onStart(listener: () => void): void {
    this.#onStart = listener;
  }

  /** Resolves with the `count`th result; rejects with the first failure. */
  async reached(count: number): Promise<void> {
    if (this.#error !== null) throw this.#error;
    if (this.#done >= count) return;
    this.#waiting = { done: count, reached: Promise.withResolvers() };
    await this.#waiting.reached.promise;
  }

  mustBeOnceEach(): void {
    if (this.#error !== null) throw this.#error;
    const total = this.#starts.length;
    if (this.#started === total && this.#done === total && this.#starts.every((starts) => starts === 1))
      return;
    throw new Error(`of ${total} jobs ${this.#started} were started and ${this.#done} were done`);
  }
}
