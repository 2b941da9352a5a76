import type { Random } from "../support/faults/random.ts";
import type { Fault } from "./faults.ts";

const LONGEST_LULL_MS = 2_500;
/** Beyond a lease and the time until somebody takes over, so that some come back to find themselves replaced. */
const LONGEST_MS = 9_000;

/**
 * Some faults, one after another and on top of each other, no two on one part. Resolves when the last has ended.
 * `began` hears of each.
 */
export async function trouble(
  { dice, shortest }: { dice: Random; shortest: number },
  draw: (dice: Random) => Fault,
  began: (fault: Fault) => void,
): Promise<void> {
  const count = dice.whole(1, 5);
  const under = new Map<string, Promise<void>>();
  for (let n = 0; n < count; n++) {
    await Bun.sleep(dice.whole(100, LONGEST_LULL_MS));
    const fault = draw(dice);
    if (under.has(fault.part)) continue;
    began(fault);
    const over = last(fault, dice.whole(shortest, LONGEST_MS)).finally(() => under.delete(fault.part));
    under.set(fault.part, over);
  }
  await Promise.all(under.values());
}

async function last(fault: Fault, ms: number): Promise<void> {
  await fault.begin();
  await Bun.sleep(ms);
  await fault.end();
}
