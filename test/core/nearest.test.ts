import { expect, test } from "bun:test";
import { nearest } from "../../src/core/nearest.ts";

const FIELDS = ["driver", "connection_args", "command", "config", "execution_timeout", "ttl"];

test.each([
  ["drvier", "driver"],
  ["comand", "command"],
  ["Command", "command"],
  ["conection_args", "connection_args"],
  ["execution_timout", "execution_timeout"],
  ["tll", "ttl"],
])("%s was meant to be %s", (typed, meant) => {
  expect(nearest(typed, FIELDS)).toBe(meant);
});

test("a word that is like none, empty or too long is near to nothing", () => {
  for (const typed of ["zzz", "", "driver".repeat(20)]) expect(nearest(typed, FIELDS)).toBeNull();
});
