import fc from "fast-check";
import type { World } from "../world.ts";

/** One thing that may happen next. Its arguments are numbers that choose among what there is, so that it shrinks. */
export interface Step {
  take(world: World): Promise<void>;
}

export type Command = fc.WeightedArbitrary<Step>;

/** A command, and how often it comes beside the others. */
export function command<A>(
  name: string,
  weight: number,
  args: { [K in keyof A]: fc.Arbitrary<A[K]> },
  run: (world: World, args: A) => Promise<void>,
): Command {
  const arbitrary = fc.record({ via: fc.nat(1), args: fc.record(args) }).map(({ via, args }) => ({
    async take(world: World) {
      world.use(via);
      await run(world, args as A);
    },
    toString: () => `${name} ${JSON.stringify(args)} by connection ${via}`,
  }));
  return { weight, arbitrary };
}

/** The nth of what there is, counted from the newest, round and round. */
export function pick<T>(from: readonly T[], n: number): T | undefined {
  return from[from.length - 1 - (n % from.length)];
}

/** The nth of a fixed choice. */
export function choose<T>(from: readonly T[], n: number): T {
  const chosen = from[n % from.length];
  if (chosen === undefined) throw new Error("nothing to choose from");
  return chosen;
}
