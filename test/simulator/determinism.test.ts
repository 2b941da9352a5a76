import { afterAll, expect, test } from "bun:test";
import { simulator } from "./simulation.ts";

const simulations = await simulator();
afterAll(() => simulations.remove());

test("the same seed has the same history, byte for byte, whatever ran before it", async () => {
  const seeds = Array.from({ length: 12 }, (_, n) => 7_000 + n);
  const first = [];
  for (const seed of seeds) first.push(await simulations.run(seed));
  for (const before of first.toReversed()) {
    const again = await simulations.run(before.seed);
    expect(again.history).toEqual(before.history);
    expect(again.hash).toBe(before.hash);
  }
}, 60_000);

test("another seed has another history", async () => {
  const [one, other] = [await simulations.run(1), await simulations.run(2)];
  expect(one.hash).not.toBe(other.hash);
});
