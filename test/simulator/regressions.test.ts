import { afterAll, expect, test } from "bun:test";
import { simulator } from "./simulation.ts";

/** Seeds that have failed once, with what was wrong. Changing what is drawn gives them another history. */
const FAILED: [seed: number, what: string][] = [
  [
    2004,
    "a lost job was tried again on the line of its first run, which the judge took for two runs at once",
  ],
  [1786, "three jobs of four seconds each wait for one device: they need more than 15 s by themselves"],
  [2966, "the same, with a job that outlasts its lease"],
  [
    24897,
    "a command hung while its session host stood still; the judge allowed for that only a whole lease after it was typed",
  ],
  [
    977,
    "the last jobs of a batch failed between two counts of one look: it was over, and its limit not reached",
  ],
  [1454, "the same"],
  [1834, "the same"],
  [
    3246,
    "the judge looked at a batch that its client had given up before any node had, after its last failure",
  ],
  [
    997,
    "a node gave up a batch that was being stored, whose API's clock was behind: it was stopped, and what was held of it stayed for ever",
  ],
];

const simulations = await simulator();
afterAll(() => simulations.remove());

test.each(FAILED)("seed %d: %s", async (seed) => {
  expect((await simulations.run(seed)).problems).toEqual([]);
});
