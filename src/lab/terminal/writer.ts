/** Where a session's bytes go: an SSH channel, or anything that takes writes and says when it can take more. */
export interface Sink {
  /** Returns false once its buffer is full; `drain` follows. */
  write(bytes: Buffer): boolean;
  on(event: "drain" | "close", listener: () => void): unknown;
}

/**
 * Writes a session's output in order, respecting the sink's back-pressure. With a chunk size, every
 * piece is a write of its own and the event loop turns between two of them, so that the reader meets
 * prompts and markers cut at every possible place.
 */
export class PacedWriter {
  readonly #sink: Sink;
  readonly #chunkSize: () => number;
  #queue: string[] = [];
  #pumping = false;
  #closed = false;
  #wake: (() => void) | null = null;
  #idle: (() => void)[] = [];

  /** `chunkSize` is asked before each burst: bytes a write, 0 for as much as there is. */
  constructor(sink: Sink, chunkSize: () => number) {
    this.#sink = sink;
    this.#chunkSize = chunkSize;
    sink.on("drain", () => this.#resume());
    sink.on("close", () => this.close());
  }

  write(text: string): void {
    if (this.#closed || text === "") return;
    this.#queue.push(text);
    if (!this.#pumping) void this.#pump();
  }

  /** Resolves when everything written so far was handed to the sink, or the sink has closed. */
  idle(): Promise<void> {
    if (!this.#pumping) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#resume();
  }

  /** Runs up to its first wait at once, so an unhindered write costs no extra turn. */
  async #pump(): Promise<void> {
    this.#pumping = true;
    while (this.#queue.length > 0 && !this.#closed) {
      const bytes = Buffer.from(this.#queue.join(""), "utf8");
      this.#queue = [];
      await this.#send(bytes);
    }
    this.#pumping = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #send(bytes: Buffer): Promise<void> {
    const size = this.#chunkSize();
    if (size <= 0 || size >= bytes.length) {
      await this.#put(bytes);
      return;
    }
    for (let from = 0; from < bytes.length && !this.#closed; from += size) {
      await this.#put(bytes.subarray(from, from + size));
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  #put(bytes: Buffer): Promise<void> | undefined {
    if (this.#closed || this.#sink.write(bytes)) return undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #resume(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
