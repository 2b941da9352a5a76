import type { Clock } from "../core/clock.ts";

export interface BreakerTerms {
  /** Failures in a row that open one; 0: none ever opens. */
  failures: number;
  /** How long it stays open the first time, ms; doubles each time the attempt after it fails, too. */
  openForMs: number;
  /** Where the doubling ends, ms. */
  longestMs: number;
}

/** Why nothing is tried just now. */
export interface Open {
  failures: number;
  /** What the last failure was. */
  reason: string;
  /** When the next attempt may be made, wall clock; null while that attempt is being made. */
  againAt: number | null;
}

/** One attempt that was let through. The first call ends it, later ones do nothing. */
export interface Attempt {
  succeeded(): void;
  failed(reason: string): void;
  /** Nobody knows how it would have ended. */
  abandoned(): void;
}

export interface BreakerCounts {
  /** Refusing all. */
  open: number;
  /** Open for long enough: the next attempt decides, or is deciding. */
  halfOpen: number;
  /** With failures in a row, not yet enough of them. */
  counting: number;
}

interface Breaker {
  failures: number;
  reason: string;
  /** How long it is, or was last, open; 0 before it first was. */
  openMs: number;
  /** Monotonic ms. */
  openUntil: number;
  /** The one attempt that a half-open breaker lets through. */
  trial: Attempt | null;
}

/** More than a node has devices; beyond that the breaker whose last failure is longest ago is forgotten. */
const MOST = 10_000;

/**
 * Circuit breakers by key: what has failed several times in a row is left alone for a while, then tried once; a
 * success closes it. Only what fails takes memory.
 */
export class Breakers {
  readonly #clock: Clock;
  readonly #terms: BreakerTerms;
  readonly #most: number;
  /** In the order of their last failures. */
  readonly #failing = new Map<string, Breaker>();

  constructor(clock: Clock, terms: BreakerTerms, most = MOST) {
    this.#clock = clock;
    this.#terms = terms;
    this.#most = most;
  }

  /** Null: an attempt may begin, if it does so at once. */
  open(key: string): Open | null {
    const breaker = this.#failing.get(key);
    if (!breaker || breaker.openMs === 0) return null;
    const { failures, reason, trial } = breaker;
    const leftMs = breaker.openUntil - this.#clock.monotonic();
    if (leftMs > 0) return { failures, reason, againAt: this.#clock.now() + leftMs };
    return trial === null ? null : { failures, reason, againAt: null };
  }

  /** Only where `open` has just said null. */
  begin(key: string): Attempt {
    let over = false;
    const end = (then: () => void) => {
      if (over) return;
      over = true;
      then();
    };
    const attempt: Attempt = {
      succeeded: () => end(() => this.#failing.delete(key)),
      failed: (reason) => end(() => this.#failed(key, attempt, reason)),
      abandoned: () => end(() => this.#endTrial(key, attempt)),
    };
    const breaker = this.#failing.get(key);
    if (breaker && breaker.openMs > 0) breaker.trial = attempt;
    return attempt;
  }

  counts(): BreakerCounts {
    const now = this.#clock.monotonic();
    const counts: BreakerCounts = { open: 0, halfOpen: 0, counting: 0 };
    for (const { openMs, openUntil } of this.#failing.values()) {
      if (openMs === 0) counts.counting += 1;
      else if (openUntil > now) counts.open += 1;
      else counts.halfOpen += 1;
    }
    return counts;
  }

  #failed(key: string, attempt: Attempt, reason: string): void {
    if (this.#terms.failures === 0) return;
    const breaker = this.#failing.get(key) ?? fresh();
    // One that began before it opened says nothing new.
    if (breaker.openMs > 0 && breaker.trial !== attempt) return;
    breaker.failures += 1;
    breaker.reason = reason;
    breaker.trial = null;
    if (breaker.failures >= this.#terms.failures) this.#trip(breaker);
    this.#failing.delete(key);
    this.#failing.set(key, breaker);
    if (this.#failing.size > this.#most) this.#forgetOldest();
  }

  #trip(breaker: Breaker): void {
    const { openForMs, longestMs } = this.#terms;
    breaker.openMs = Math.max(openForMs, Math.min(2 * breaker.openMs, longestMs));
    breaker.openUntil = this.#clock.monotonic() + breaker.openMs;
  }

  #endTrial(key: string, attempt: Attempt): void {
    const breaker = this.#failing.get(key);
    if (breaker?.trial === attempt) breaker.trial = null;
  }

  #forgetOldest(): void {
    const [oldest] = this.#failing.keys();
    if (oldest !== undefined) this.#failing.delete(oldest);
  }
}

function fresh(): Breaker {
  return { failures: 0, reason: "", openMs: 0, openUntil: 0, trial: null };
}
