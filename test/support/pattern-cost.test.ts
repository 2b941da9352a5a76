import { expect, test } from "bun:test";
import { patternCost, patternsOf } from "./pattern-cost.ts";

test.each([
  /^(?<host>\w[\w.\-@/:]{0,62})\([\w.\-+/:]{1,63}\)#$/,
  /^% ?(?:Invalid|Bad|Error)\b/i,
  /^\s*\^$/,
  /\[OK\]/,
  /^(?:no )?hostname/,
  /(?:a|b)?c/,
  /^(?:abc){2}$/,
  /^\x1b.[^\]]+\]$/,
])("%s is linear", (pattern) => {
  expect(patternCost(pattern)).toBeLessThan(100);
});

test.each([
  ["a repeat in a repeat", /^(a+)+$/],
  ["a repeat in a bounded repeat", /^(?:\w+ ?){1,20}#$/],
  ["a choice in a repeat", /^(?:a|ab|b)*$/],
  ["a back reference", /^(a+)b\1$/],
  ["a repeat in a repeat in a look-ahead", /^(?!(?:x+)+$)y$/],
  ["two repeats of the same", /^\s*.*>$/],
  ["two repeats with something between that the first can take", /^.*a.*#$/],
  ["a repeat that begins anywhere", /\w+#$/],
  ["an alternative without anchor", /^a|.*b$/],
])("%s is not", (_what, pattern) => {
  expect(patternCost(pattern)).toBeGreaterThan(100);
});

test("what is not understood is an error, not cheap", () => {
  const unreadable = new Proxy(/x/, { get: (_, key) => (key === "source" ? "a)b" : "") });
  expect(() => patternCost(unreadable)).toThrow("not understood");
});

test("patterns are found at any depth", () => {
  const found = patternsOf({ a: [/x/, { b: /y/ }], c: "text", d: null });
  expect(found.map(({ path }) => path)).toEqual(["a.0", "a.1.b"]);
});
