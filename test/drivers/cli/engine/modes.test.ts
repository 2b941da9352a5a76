import { expect, test } from "bun:test";
import { nextMode } from "../../../../drivers/cli/engine/modes.ts";
import { definePlatform } from "../../../../drivers/cli/platform.ts";

const maze = definePlatform({
  deviceType: "maze",
  title: "a maze",
  modes: {
    a: { prompt: /^(?<host>x)a$/, steps: { b: { send: "b" }, c: { send: "c" } } },
    b: { prompt: /^(?<host>x)b$/, steps: { a: { send: "a" } } },
    c: { prompt: /^(?<host>x)c$/, steps: { d: { send: "d" } } },
    d: { prompt: /^(?<host>x)d$/, steps: { a: { send: "a" } } },
    island: { prompt: /^(?<host>x)i$/, steps: {} },
  },
  commandModes: ["a"],
  privilegedMode: "a",
  configMode: null,
  onOpen: [],
  refusals: { command: [], config: [], preamble: [] },
});

test.each([
  ["a", "d", "c"],
  ["b", "d", "a"],
  ["b", "a", "a"],
  ["d", "b", "a"],
  ["a", "island", null],
  ["island", "a", null],
  ["nowhere", "a", null],
])("from %s to %s the next step leads to %s", (from, to, next) => {
  expect(nextMode(maze, from, to)).toBe(next);
});
