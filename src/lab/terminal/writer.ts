/** Where a session's bytes go: an SSH channel, or anything that takes writes and says when it can take more. */
export interface Sink {
  /** Returns false once its buffer is full; `drain` follows. */
  write(bytes: Buffer): boolean;
  on(event: "drain" | "close", listener: () => void): unknown;
}

/** When what is written goes out. */
export interface Pacing {
  /** Asked before each burst. */
  pace(): Pace;
  wait(ms: number): Promise<void>;
}

/** Bytes in one write, 0 for as much as there is, and the time between two writes. */
export interface Pace {
  bytes: number;
  everyMs: number;
}

/**
 * Writes a session's output in order, respecting the sink's back-pressure. With a chunk size, every
 * piece is a write of its own and the event loop turns between two of them, so that the reader meets
 * prompts and markers cut at every possible place.
 */
export class PacedWriter {
  readonly #sink: Sink;
  readonly #pacing: Pacing;
  #queue: Uint8Array[] = [];
  #pumping = false;
  #closed = false;
  #wake: (() => void) | null = null;
  #idle: (() => void)[] = [];

  constructor(sink: Sink, pacing: Pacing) {
    this.#sink = sink;
    this.#pacing = pacing;
    sink.on("drain", () => this.#resume());
    sink.on("close", () => this.close());
  }

  /** Text, or bytes that need not be any. */
  write(output: string | Uint8Array): void {
    if (this.#closed || output.length === 0) return;
    this.#queue.push(typeof output === "string" ? Buffer.from(output, "utf8") : output);
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
      const bytes = Buffer.concat(this.#queue);
      this.#queue = [];
      await this.#send(bytes);
    }
    this.#pumping = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #send(bytes: Buffer): Promise<void> {
    const { bytes: size, everyMs } = this.#pacing.pace();
    if (size <= 0 || size >= bytes.length) {
      await this.#put(bytes);
      return;
    }
    for (let from = 0; from < bytes.length && !this.#closed; from += size) {
      await this.#put(bytes.subarray(from, from + size));
      if (everyMs > 0) await this.#pacing.wait(everyMs);
      else await new Promise<void>((resolve) => setImmediate(resolve));
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
