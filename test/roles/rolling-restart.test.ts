import { expect, setDefaultTimeout, test } from "bun:test";
import { restartUnderLoad } from "./rolling.ts";

setDefaultTimeout(90_000);

test.each([
  ["three nodes on one Redis", { store: "Redis", nodes: 3, rounds: 2 }],
  ["two nodes on one SQLite file", { store: "SQLite", nodes: 2, rounds: 2 }],
] as const)(
  "%s are restarted in turn, twice, under load: no job fails, none runs twice",
  async (_what, how) => {
    expect(await restartUnderLoad(how)).toBeGreaterThan(40);
  },
);
