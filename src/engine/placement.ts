/** Which node is to adopt a device that nobody has: the one with least to do, the one with most, or any. */
export const PLACEMENTS = ["least_load", "pack", "random"] as const;
export type Placement = (typeof PLACEMENTS)[number];

/** The longest wait of a node with room, ms: what differs in load must differ by more than a hint's way takes. */
const SPREAD_MS = 100;
/** The shortest of one without: well behind all others. */
const FULL_MS = 120;
/** Among equals nobody is always the first, ms. */
const TIE_MS = 2;

/**
 * How long a node waits before it tries to adopt, ms; the first to try has the device. `load` is the share of its
 * pinned workers that it has, or is about to have. One that is full comes last under every rule: it would have to end
 * somebody's session. The root tells nodes apart that have little to do, as most have; `random` is from 0 to 1.
 */
export function adoptionDelayMs(placement: Placement, load: number, random: () => number): number {
  if (load >= 1) return FULL_MS + SPREAD_MS * random();
  if (placement === "random") return SPREAD_MS * random();
  const rank = placement === "pack" ? 1 - Math.sqrt(load) : Math.sqrt(load);
  return SPREAD_MS * rank + TIE_MS * random();
}
