/**
 * Byte credits of one run, on the host's side. IPC has no back-pressure of its own: without credits a
 * busy parent lets its child grow without bound.
 */
export class Credits {
  #left: number;
  #waiter: (() => void) | null = null;

  constructor(window: number) {
    this.#left = window;
  }

  /** Takes what is about to be sent; may overdraw by one message. */
  take(bytes: number): void {
    this.#left -= bytes;
  }

  give(bytes: number): void {
    this.#left += bytes;
    if (this.#left > 0) this.#wake();
  }

  /** Resolves when something may be sent, or when `signal` aborts. One waiter at a time. */
  async available(signal: AbortSignal): Promise<void> {
    if (this.#left > 0 || signal.aborted) return;
    const wake = () => this.#wake();
    signal.addEventListener("abort", wake, { once: true });
    await new Promise<void>((resolve) => {
      this.#waiter = resolve;
    });
    signal.removeEventListener("abort", wake);
  }

  #wake(): void {
    this.#waiter?.();
    this.#waiter = null;
  }
}
