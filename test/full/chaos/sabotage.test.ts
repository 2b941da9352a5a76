import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { type LaunchOptions, launchChaos } from "../../chaos/launch.ts";

const ROUNDS = 12;
const TIMEOUT_MS = 1_500_000;
const TOGETHER = /ran at once|beside its successor/;
/** A job is ended by whoever had it before, while it runs. */
const UNFENCED = /after its job had finished|saw all of it on one line|ran at once|beside its successor/;
/** Nodes stand still for longer than their lease, in the middle of jobs that outlast it. */
const FROZEN = { only: "node frozen", shortest: 7_000, long: 0.6, latency: 350, clients: 2 };

const cases: [what: string, main: string, how: Partial<LaunchOptions>, words: RegExp][] = [
  ["the pinned hold", "without-hold", {}, TOGETHER],
  ["the device's write deadline", "without-deadline", FROZEN, TOGETHER],
  ["the store's fence", "without-fence", { ...FROZEN, retried: 1 }, UNFENCED],
];

test.each(cases)(
  "without %s violations are reported",
  async (_what, main, how, words) => {
    const report = await launchChaos({
      seed: 7,
      rounds: ROUNDS,
      main: resolve(import.meta.dir, `../../chaos/sabotage/${main}.ts`),
      deadline: TIMEOUT_MS - 10_000,
      ...how,
    });
    expect(report.problems.join("\n")).toMatch(words);
  },
  TIMEOUT_MS,
);
