/** Which node is to adopt a device that nobody has: the one with least to do, the one with most, or any. */
export const PLACEMENTS = ["least_load", "pack", "random"] as const;
export type Placement = (typeof PLACEMENTS)[number];

/** The longest wait of a node with room, ms: what differs in load must differ by more than a hint's way takes. */
const SPREAD_MS = 100;
/** The shortest of one without: well behind all others. */
const FULL_MS = 160;
/** Among equals nobody is always the first, ms. */
const TIE_MS = 2;
/** The most of that, ms, where many devices come at once. */
const CROWD_MS = 50;

/** What a node's delay goes by. */
export interface Load {
  /** Share of its pinned workers that it has, or is about to have. */
  share: number;
  /** Other devices that it waits to adopt at this moment. */
  waiting: number;
}

/**
 * How long a node waits before it tries to adopt, ms; the first to try has the device. One that is full comes last under
 * every rule: it would have to end somebody's session. The root tells nodes apart that have little to do, as most have.
 * In a crowd the throw (`random`, from 0 to 1) counts for more: whoever hears of it first would else be first each time.
 */
export function adoptionDelayMs(placement: Placement, load: Load, random: () => number): number {
  const { share, waiting } = load;
  if (share >= 1) return FULL_MS + SPREAD_MS * random();
  if (placement === "random") return SPREAD_MS * random();
  const rank = placement === "pack" ? 1 - Math.sqrt(share) : Math.sqrt(share);
  return SPREAD_MS * rank + Math.min(TIE_MS + waiting, CROWD_MS) * random();
}
