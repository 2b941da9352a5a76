import { expect, setDefaultTimeout, test } from "bun:test";
import { restartUnderLoad } from "../../roles/rolling.ts";

setDefaultTimeout(300_000);

test.each([
  ["three nodes on one Redis", { store: "Redis", nodes: 3, rounds: 8 }],
  ["two nodes on one SQLite file", { store: "SQLite", nodes: 2, rounds: 8 }],
] as const)(
  "%s are restarted in turn, eight times, under load: no job fails, none runs twice",
  async (_what, how) => {
    expect(await restartUnderLoad(how)).toBeGreaterThan(160);
  },
);
