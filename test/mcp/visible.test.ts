import { expect, test } from "bun:test";
import { allVisible, visible } from "../../src/mcp/visible.ts";

test("what people do not see is written out", () => {
  const tags = [..."reload"]
    .map((char) => String.fromCodePoint(0xe0000 + (char.codePointAt(0) ?? 0)))
    .join("");
  expect(visible(`up${tags}`)).toBe("up\\u{e0072}\\u{e0065}\\u{e006c}\\u{e006f}\\u{e0061}\\u{e0064}");
  expect(visible("a\u200bb\u202ec\u2066d\ufeff\u00ad\ufe0f\u{e0101}")).toBe(
    "a\\u{200b}b\\u{202e}c\\u{2066}d\\u{feff}\\u{ad}\\u{fe0f}\\u{e0101}",
  );
  expect(visible("\x1b[8mhidden\x1b[0m\x00\x9b")).toBe("\\u{1b}[8mhidden\\u{1b}[0m\\u{0}\\u{9b}");
});

test("what they see stays as it is", () => {
  const text = "Gi0/1\tup\r\nGrüße, 日本語, 🙂, é\n";
  expect(visible(text)).toBe(text);
});

test("in all of a value", () => {
  expect(allVisible({ "a\u200b": ["\u200b", { b: "\u200b" }], n: 1, t: true, z: null })).toEqual({
    "a\\u{200b}": ["\\u{200b}", { b: "\\u{200b}" }],
    ...{ n: 1, t: true, z: null },
  });
});
