/** Numbers that look random and are the same for the same seed: a failing round can be run again. */
export interface Random {
  /** From 0 up to, not including, 1. */
  share(): number;
  /** A whole number from `low` up to, not including, `high`. */
  whole(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  chance(share: number): boolean;
}

/** Mulberry32. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const share = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (low: number, high: number) => low + Math.floor(share() * (high - low));
  return {
    share,
    whole,
    pick<T>(items: readonly T[]): T {
      const item = items[whole(0, items.length)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
    chance: (part) => share() < part,
  };
}
