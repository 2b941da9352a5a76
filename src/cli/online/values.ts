import { InvalidArgumentError } from "commander";
import { wakefulClock } from "../../core/clock.ts";
import { nearest } from "../../core/nearest.ts";

/** Seconds, above 0. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0) || !Number.isFinite(value))
    throw new InvalidArgumentError("Give seconds, above 0.");
  return value;
}

export function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Give a whole number above 0.");
  return Number(text);
}

/** One of a few words; a mistyped one is answered with the nearest. */
export function oneOf<const T extends string>(
  words: readonly T[],
): ((text: string) => T) & { choices: readonly T[] } {
  const read = (text: string) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    const best = nearest(text, words);
    throw new InvalidArgumentError(
      best === null ? `Known are ${words.join(", ")}.` : `Did you mean ${best}?`,
    );
  };
  // For completion.
  return Object.assign(read, { choices: words });
}

/** For an option that may be repeated. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A moment: ISO-8601, or how long ago, as `30m`. */
export function moment(text: string): string {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (amount === undefined) {
    if (Number.isNaN(Date.parse(text)))
      throw new InvalidArgumentError("Give a time in ISO-8601, or how long ago, as 30m, 2h or 7d.");
    return text;
  }
  return new Date(wakefulClock.now() - Number(amount) * UNITS[unit as keyof typeof UNITS]).toISOString();
}

export function whole(text: string): number {
  if (!/^-?\d{1,9}$/.test(text)) throw new InvalidArgumentError("Give a whole number.");
  return Number(text);
}
