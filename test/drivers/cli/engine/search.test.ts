import { describe, expect, test } from "bun:test";
import { Search } from "../../../../drivers/cli/engine/search.ts";

const never = () => false;
const search = (pattern: string, multiline = false) => new Search(pattern, "expect_string", multiline);
const line = "interface GigabitEthernet0/0/1 is up, line protocol is up (connected)\n";

/** What is found of a pattern in output that comes in chunks of whole lines. */
async function found(pattern: string, chunks: string[], multiline = false): Promise<string | null> {
  const look = search(pattern, multiline);
  for (const chunk of chunks) await look.take(chunk, never);
  return look.match;
}

describe("a pattern", () => {
  test.each([
    ["within a chunk", "protocol \\w+", [line], "protocol is"],
    ["behind much output", "DONE$", [line.repeat(2000), "DONE\n"], "DONE"],
    ["in the middle of a large chunk", "DO+NE", [`${line.repeat(900)}DOOONE\n${line.repeat(900)}`], "DOOONE"],
    ["over two chunks", "one\\ntwo", ["one\n", "two\n"], "one\ntwo"],
    [
      "over the border of what is looked at at once",
      "first\\nsecond",
      [`${"x".repeat(1017)}first\nsecond\n`],
      "first\nsecond",
    ],
  ])("is found %s", async (_what, pattern, chunks, text) => {
    expect(await found(pattern, chunks)).toBe(text);
  });

  test.each([
    [false, "^interface", null],
    [true, "^interface", "interface"],
  ])("with ^ for %p lines", async (multiline, pattern, expected) => {
    expect(await found(pattern, ["first\n", line.repeat(50)], multiline)).toBe(expected);
  });

  test("does not take the border of what is kept for the beginning of a line", async () => {
    expect(await found("^x", [`a${"x".repeat(5000)}\n`, "b\n"], true)).toBeNull();
    expect(await found("^x", [`a${"x".repeat(5000)}\n`, "b\n"])).toBeNull();
  });

  test("reaches into the unfinished line", async () => {
    const look = search("filename \\[.*\\]\\?");
    await look.take(line.repeat(100), never);
    expect(look.within("Destination filename")).toBe(false);
    expect(look.within("Destination filename [x]?")).toBe(true);
  });
});

test.each(["(a*)(a*)\\1\\2b", "((a{1,999}){1,999}){1,999}b", "(a?){1000}a{1000}"])(
  "%s takes too many steps, and is told so",
  async (pattern) => {
    const taken = search(pattern).take(`${"a".repeat(3000)}\n`, never);
    await expect(taken).rejects.toMatchObject({
      type: "CommandError",
      message: expect.stringContaining("expect_string takes too many steps"),
    });
  },
);

test.each(["(a+)+b", "(.*.*.*.*.*.*)x", "\\b(?:\\w+\\s*)+$x"])(
  "%s does not, on a line of one letter",
  async (pattern) => {
    expect(await found(pattern, [`${"a".repeat(3000)}\n`])).toBeNull();
  },
);

test.each([".*done$", "\\S+#\\s*$", "(?i)error|fail", "[\\w.-]+@[\\w.-]+[>#]", "^.*(ok|OK).*\\(.*\\) x"])(
  "%s does not, on output of any length",
  async (pattern) => {
    expect(
      await found(
        pattern,
        Array.from({ length: 3 }, () => line.repeat(900)),
      ),
    ).toBeNull();
  },
);

test("others run while a long output is looked through, and may end it", async () => {
  let turns = 0;
  const tick = () => {
    turns += 1;
    if (turns < 1000) setImmediate(tick);
  };
  setImmediate(tick);
  const look = search(".*done$");
  await look.take(`${line.repeat(900)}done\n`, () => turns >= 5);
  expect(turns).toBeGreaterThanOrEqual(5);
  expect(turns).toBeLessThan(50);
  expect(look.match).toBeNull();
});
