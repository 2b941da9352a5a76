import type { Clock } from "../core/clock.ts";

interface Bucket {
  tokens: number;
  at: number;
}

const MINUTE = 60_000;
/** Keys that are counted; there are no more buckets than keys that were right. */
const MAX_BUCKETS = 10_000;

/** Requests of each key: as many at once as a minute has, then one after another as they come in again. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes one; 0 when it may pass, else the seconds until one may. */
  take(key: string, perMinute: number): number {
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(key) ?? this.#add(key, { tokens: perMinute, at: now });
    bucket.tokens = Math.min(perMinute, bucket.tokens + ((now - bucket.at) / MINUTE) * perMinute);
    bucket.at = now;
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil(((1 - bucket.tokens) / perMinute) * 60));
  }

  #add(key: string, bucket: Bucket): Bucket {
    if (this.#buckets.size >= MAX_BUCKETS) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
