import type { Clock } from "./clock.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford base 32: no i, l, o, u
const TIME_CHARS = 10;
const RANDOM_CHARS = 14;

/** Fills the array with unpredictable bytes. */
export type RandomBytes = (bytes: Uint8Array<ArrayBuffer>) => void;

/** The machine's own randomness. */
export const systemRandom: RandomBytes = (bytes) => {
  crypto.getRandomValues(bytes);
};

/** Makes ids that sort by creation as plain strings, also within one millisecond of one process. */
export interface IdSource {
  /** `job_` + 48 bits of time + 70 random bits, which count up inside a millisecond + the shard. */
  job(shard?: number): string;
  /** `worker_` + 50 random bits: short, because people type it. */
  worker(): string;
  /** Same shape with another prefix: `batch`, `op`, `inc` (a node's incarnation), … */
  next(prefix: string): string;
}

export function idSource(clock: Clock, random: RandomBytes = systemRandom): IdSource {
  let lastTime = -1;
  const tail = new Uint8Array(RANDOM_CHARS);

  function advance(): void {
    const now = clock.now();
    if (now > lastTime) {
      lastTime = now;
      random(tail);
      for (let i = 0; i < RANDOM_CHARS; i++) tail[i] = (tail[i] ?? 0) & 31;
      return;
    }
    // Same millisecond, or the clock stepped back: count up so that order is kept.
    for (let i = RANDOM_CHARS - 1; i >= 0; i--) {
      const digit = ((tail[i] ?? 0) + 1) & 31;
      tail[i] = digit;
      if (digit !== 0) return;
    }
    lastTime += 1;
  }

  function next(prefix: string, shard?: number): string {
    advance();
    return idOf(prefix, tail, { time: lastTime, ...(shard !== undefined && { shard }) });
  }

  return {
    job: (shard = 0) => next("job", shard),
    worker: () => `worker_${short(random)}`,
    next: (prefix) => next(prefix),
  };
}

/** How many digits of five bits an id has behind its time, and with it. */
export const ID_DIGITS = { random: RANDOM_CHARS, all: TIME_CHARS + RANDOM_CHARS } as const;

/** An id from its parts, for those that are not drawn: whoever has the same parts makes the same id. */
export function idOf(
  prefix: string,
  digits: ArrayLike<number>,
  { time, shard }: { time?: number; shard?: number } = {},
): string {
  const body = Array.from(digits, (digit) => ALPHABET[digit]).join("");
  return `${prefix}_${time === undefined ? "" : encodeTime(time)}${body}${shard === undefined ? "" : encodeShard(shard)}`;
}

function short(random: RandomBytes): string {
  const bytes = new Uint8Array(10);
  random(bytes);
  return Array.from(bytes, (byte) => ALPHABET[byte & 31]).join("");
}

function encodeTime(ms: number): string {
  let rest = ms;
  let out = "";
  for (let i = 0; i < TIME_CHARS; i++) {
    out = ALPHABET[rest % 32] + out;
    rest = Math.floor(rest / 32);
  }
  return out;
}

/** Two characters, 0–1023: which shard of a sharded store holds the job. 0 on SQLite. */
function encodeShard(shard: number): string {
  return `${ALPHABET[(shard >> 5) & 31]}${ALPHABET[shard & 31]}`;
}

/** The shard that a job id names; 0 for what is no job id. */
export function shardOfId(id: string): number {
  const [high = "", low = ""] = id.slice(-2);
  return id.length < 2 ? 0 : Math.max(0, ALPHABET.indexOf(high) * 32 + ALPHABET.indexOf(low));
}

/** The nonce half of a fencing token: 96 random bits, so no two claims ever share one. */
export function nonce(random: RandomBytes = systemRandom): string {
  const bytes = new Uint8Array(12);
  random(bytes);
  return Buffer.from(bytes).toString("base64url");
}
