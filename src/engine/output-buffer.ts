import type { Clock, Timer } from "../core/clock.ts";
import { StorageError } from "../core/errors.ts";
import type { RunToken } from "../core/job.ts";
import type { Storage } from "../storage/storage.ts";

const FLUSH_BYTES = 64 * 1024;
const FLUSH_MS = 1000;

/** What the buffer reports: bytes that are stored now, or that the run is not ours any more. */
export interface OutputBufferEvents {
  stored(bytes: number): void;
  lost(): void;
}

/**
 * A run's output on its way to the store: at most 64 KiB or one second behind, one append in flight.
 * What could not be stored stays and goes with the next flush; the credit window bounds it.
 */
export class OutputBuffer {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #token: RunToken;
  readonly #events: OutputBufferEvents;
  #chunks: Buffer[] = [];
  #pending = 0;
  #offset = 0;
  #timer: Timer | null = null;
  #flushing: Promise<void> | null = null;
  #closed = false;

  constructor(params: { storage: Storage; clock: Clock; token: RunToken; events: OutputBufferEvents }) {
    this.#storage = params.storage;
    this.#clock = params.clock;
    this.#token = params.token;
    this.#events = params.events;
  }

  add(log: string): void {
    if (this.#closed) return;
    const bytes = Buffer.from(log);
    this.#chunks.push(bytes);
    this.#pending += bytes.length;
    if (this.#pending >= FLUSH_BYTES) this.#flush();
    else this.#timer ??= this.#clock.after(FLUSH_MS, () => this.#flush());
  }

  /** Stops flushing and hands over what is not stored yet, for the settlement. */
  async close(): Promise<{ tail: Uint8Array; tailOffset: number }> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#flushing;
    return { tail: Buffer.concat(this.#chunks), tailOffset: this.#offset };
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#closed || this.#flushing || this.#pending === 0) return;
    this.#flushing = this.#append().finally(() => {
      this.#flushing = null;
      if (!this.#closed && this.#pending > 0 && !this.#timer) this.#rearm();
    });
  }

  #rearm(): void {
    if (this.#pending >= FLUSH_BYTES) this.#flush();
    else this.#timer ??= this.#clock.after(FLUSH_MS, () => this.#flush());
  }

  async #append(): Promise<void> {
    const bytes = Buffer.concat(this.#chunks);
    const count = this.#chunks.length;
    try {
      const outcome = await this.#storage.appendOutput({ token: this.#token, offset: this.#offset, bytes });
      if (outcome === "lost") return this.#events.lost();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      // The store is away: keep everything; a later flush or the settlement brings it.
      this.#timer ??= this.#clock.after(FLUSH_MS, () => this.#flush());
      return;
    }
    this.#chunks.splice(0, count);
    this.#pending -= bytes.length;
    this.#offset += bytes.length;
    this.#events.stored(bytes.length);
  }
}
