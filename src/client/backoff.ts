import type { RandomBytes } from "../core/ids.ts";
import { NetworkError, TooManyRequests, Unavailable } from "./errors.ts";
import { fraction } from "./timing.ts";

const FIRST_MS = 200;
const MOST_MS = 10_000;

/** How long to wait before the next try, the first of which is number 0. */
export function backoffMs(attempt: number, random: RandomBytes): number {
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  // Half of it is random: clients that failed together do not come back together.
  return most / 2 + (most / 2) * fraction(random);
}

/**
 * Whether a call may be sent again. 429 comes before anything is done. A 503 or a lost answer says nothing about
 * what was done, so only what does no harm twice is repeated after it.
 */
export function mayRepeat(error: unknown, repeatable: boolean): boolean {
  if (error instanceof TooManyRequests) return true;
  if (error instanceof NetworkError) return repeatable || error.unsent;
  return error instanceof Unavailable && repeatable;
}

/** What the server asked for, milliseconds. */
export function wishOf(error: unknown): number {
  return error instanceof TooManyRequests || error instanceof Unavailable ? (error.retryAfterMs ?? 0) : 0;
}

/** `Retry-After` in milliseconds: seconds, or a date. */
export function parseRetryAfter(text: string | null, now: number): number | null {
  if (text === null) return null;
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
