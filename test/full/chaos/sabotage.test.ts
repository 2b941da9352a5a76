import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import { launchLateSettlement } from "../../chaos/late-settlement.ts";
import { type LaunchOptions, launchChaos } from "../../chaos/launch.ts";

const ROUNDS = 12;
const TIMEOUT_MS = 1_500_000;
const TOGETHER = /ran at once|beside its successor/;
/** Nodes stand still for longer than their lease, in the middle of jobs that outlast it. */
const FROZEN = { only: "node frozen", shortest: 7_000, long: 0.6, latency: 350, clients: 2 };

const cases: [what: string, main: string, how: Partial<LaunchOptions>, words: RegExp][] = [
  ["the pinned hold", "without-hold", {}, TOGETHER],
  ["the device's write deadline", "without-deadline", FROZEN, TOGETHER],
];

test.each(cases)(
  "without %s violations are reported",
  async (_what, main, how, words) => {
    const report = await launchChaos({
      seed: 7,
      rounds: ROUNDS,
      main: sabotaged(main),
      deadline: TIMEOUT_MS - 10_000,
      ...how,
    });
    expect(report.problems.join("\n")).toMatch(words);
  },
  TIMEOUT_MS,
);

describe("a node that comes back while its successor runs the job that it had done to its end", () => {
  test(
    "is not heard",
    async () => {
      const told = await launchLateSettlement();
      expect(told).toEqual({ problems: [], first: 2, last: 1, status: "failed" });
    },
    TIMEOUT_MS,
  );

  test(
    "is heard without the store's fence, and a violation is reported",
    async () => {
      const told = await launchLateSettlement({ main: sabotaged("without-fence") });
      expect(told).toMatchObject({ first: 2, last: 1, status: "finished" });
      expect(told.problems.join("\n")).toMatch(/saw all of it on one line/);
    },
    TIMEOUT_MS,
  );
});

function sabotaged(main: string): string {
  return resolve(import.meta.dir, `../../chaos/sabotage/${main}.ts`);
}
