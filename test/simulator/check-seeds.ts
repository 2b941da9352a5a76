import { afterAll, expect, test } from "bun:test";
import { simulator } from "./simulation.ts";

const SLICE = 50;
/** On a machine that does much else at the same time, a slice takes its time. */
const TIMEOUT_MS = 120_000;

/** Tests that nothing goes wrong with so many seeds from `first` on. What does is told with its seed. */
export async function checkSeeds(first: number, count: number): Promise<void> {
  const simulations = await simulator();
  afterAll(() => simulations.remove());
  for (let from = first; from < first + count; from += SLICE) {
    const end = Math.min(from + SLICE, first + count);
    test(
      `seeds ${from} to ${end - 1} keep every promise`,
      async () => {
        let typed = 0;
        for (let seed = from; seed < end; seed++) {
          const outcome = await simulations.run(seed);
          typed += outcome.typed;
          const again = `run it alone: bun test/simulator/run.ts ${seed}`;
          if (outcome.problems.length > 0) throw new Error(`${again}\n${outcome.problems.join("\n")}`);
        }
        expect(typed).toBeGreaterThan(end - from);
      },
      TIMEOUT_MS,
    );
  }
}
