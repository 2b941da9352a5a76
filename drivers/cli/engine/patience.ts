import type { Clock, Timer } from "../../../src/device/driver.ts";

/**
 * A prompt that could as well be output (another host name, no echo before it) counts when the device
 * stays silent for this long after it.
 */
const SETTLE_MS = 500;
/** The same for a line that ends as one does at which a device waits: output that was cut there goes on at once. */
const BREATH_MS = 150;

/** Watches for silence: what ends a wait, and what makes a doubtful prompt count. */
export class Patience {
  readonly #clock: Clock;
  readonly #isWaiting: () => boolean;
  readonly #awake: () => void;
  #lastByte = 0;
  #waitingSince = 0;
  #silence: Timer | null = null;
  #settle: Timer | null = null;
  #silent = false;
  #settled = false;

  constructor(parts: { clock: Clock; isWaiting(): boolean; awake(): void }) {
    this.#clock = parts.clock;
    this.#isWaiting = parts.isWaiting;
    this.#awake = parts.awake;
  }

  /** Nothing came for as long as the wait may take. */
  get silent(): boolean {
    return this.#silent;
  }

  /** Nothing came since the doubt. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Bytes came. */
  heard(): void {
    this.#lastByte = this.#clock.monotonic();
    this.#settled = false;
    this.#settle?.cancel();
    this.#settle = null;
  }

  /** Something was typed: the device gets its time anew. */
  typed(): void {
    this.#silent = false;
  }

  /** A wait for bytes begins. */
  wait(seconds: number): void {
    this.#waitingSince = this.#clock.monotonic();
    this.#silence ??= this.#clock.after(seconds * 1000, () => this.#check(seconds * 1000));
  }

  /** `likely`: what is doubted is probably true. */
  doubt(likely: boolean): void {
    this.#settle ??= this.#clock.after(likely ? BREATH_MS : SETTLE_MS, () => {
      this.#settle = null;
      this.#settled = true;
      this.#awake();
    });
  }

  stop(): void {
    this.#silence?.cancel();
    this.#settle?.cancel();
    this.#silence = null;
    this.#settle = null;
    this.#silent = false;
    this.#settled = false;
  }

  /** One timer for a whole wait: it looks at the last byte when it fires, not at each byte. */
  #check(limit: number): void {
    const since = Math.max(this.#lastByte, this.#waitingSince);
    const left = limit - (this.#clock.monotonic() - since);
    this.#silence = null;
    const waits = this.#isWaiting();
    if (!waits || left >= 1) {
      this.#silence = this.#clock.after(waits ? left : limit, () => this.#check(limit));
      return;
    }
    this.#silent = true;
    this.#awake();
  }
}
