import { afterAll, expect, test } from "bun:test";
import {
  WITHOUT_COUNT,
  WITHOUT_DEADLINE,
  WITHOUT_FENCE,
  WITHOUT_HELD,
  WITHOUT_HOLD,
  WITHOUT_RELEASE,
  WITHOUT_STOP,
} from "./sabotage.ts";
import { type Sabotage, simulator } from "./simulation.ts";

const MOST_SEEDS = 400;
const TIMEOUT_MS = 120_000;
const simulations = await simulator();
afterAll(() => simulations.remove());

/** What is reported first. A broken schema is no report: the sabotage itself changes it. */
async function firstReport(sabotage: Sabotage): Promise<{ seed: number; problems: string[] }> {
  for (let seed = 1; seed <= MOST_SEEDS; seed++) {
    const { problems } = await simulations.run(seed, sabotage);
    const reported = problems.filter((problem) => !problem.startsWith("examine:"));
    if (reported.length > 0) return { seed, problems: reported };
  }
  throw new Error(`nothing was reported in ${MOST_SEEDS} seeds`);
}

const TOGETHER = /ran at once|beside its successor/;

test.each([
  ["the pinned hold", WITHOUT_HOLD, TOGETHER],
  ["the device's write deadline", WITHOUT_DEADLINE, TOGETHER],
  ["the store's fence", WITHOUT_FENCE, /saw a command 2 times/],
  ["the hold of a batch's rest", WITHOUT_HELD, /before the canary had finished/],
  ["the release of a batch's rest", WITHOUT_RELEASE, /has not ended in time: queued/],
  ["the stop of a batch", WITHOUT_STOP, /started after it was stopped|has not ended in time: queued/],
  ["the count of a batch's failures", WITHOUT_COUNT, /of its jobs have failed, and it is open/],
])(
  "without %s a violation is reported, and with it none for the same seed",
  async (_, sabotage, words) => {
    const { seed, problems } = await firstReport(sabotage);
    expect(problems.join("\n")).toMatch(words);
    expect((await simulations.run(seed)).problems).toEqual([]);
  },
  TIMEOUT_MS,
);
