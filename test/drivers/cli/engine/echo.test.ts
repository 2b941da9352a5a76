import { describe, expect, test } from "bun:test";
import { EchoFilter } from "../../../../drivers/cli/engine/echo.ts";

const isPrompt = (text: string) => /^r1(\(config\))?#$/.test(text);

/** What is left of the device's lines after `typed` was sent, handed over in one block or line by line. */
function output(typed: string, lines: string): string {
  const filtered = [[lines], lines.match(/.*\n/g) ?? []].map((blocks) => {
    const echo = new EchoFilter(isPrompt);
    echo.expect(typed);
    return blocks.map((block) => echo.filter(block)).join("") + echo.giveUp();
  });
  expect(filtered[1]).toBe(filtered[0] as string);
  return filtered[0] as string;
}

test.each([
  ["the line as typed", "show version\n"],
  ["the line behind a repainted prompt", "r1#show version\n"],
  ["the line behind a prompt with a space", "r1# show version\n"],
  ["the line behind a stray prompt", "r1#\nshow version\n"],
  ["a log message before it", "*Mar  1 00:00:01.000: %SYS-5-CONFIG_I: Configured\nr1#show version\n"],
  ["the line wrapped by the device", "show ver\nsion\n"],
  ["the line wrapped behind a prompt", "r1#show v\nersion\n"],
  ["blank lines before it", "\n\nshow version\n"],
])("%s is taken off", (_what, echoed) => {
  expect(output("show version", `${echoed}Cisco IOS\n`)).toBe("Cisco IOS\n");
});

test("a line that scrolled shows its end behind a dollar sign", () => {
  const typed = `ip access-list extended ${"x".repeat(300)} permit ip any any`;
  expect(output(typed, `r1#$xxxxxxxxxxxxxxx permit ip any any\nok\n`)).toBe("ok\n");
});

test("output is not searched for a second echo", () => {
  expect(output("show history", "show history\n  show version\n  show history\n")).toBe(
    "  show version\n  show history\n",
  );
});

test("an empty line is echoed by its end", () => {
  expect(output("", "\n")).toBe("");
  expect(output("", "r1#\nleft over\n")).toBe("left over\n");
});

test("an answer may stand behind the last characters of its question", () => {
  expect(output("y", "]: y\nSaving\n")).toBe("Saving\n");
  expect(output("", ".\nWelcome\n")).toBe("Welcome\n");
});

test("indented lines, and those with many spaces, are found", () => {
  expect(output(" description a   b", " description a   b\n")).toBe("");
});

describe("without an echo", () => {
  test("what came is output once it is given up", () => {
    expect(output("show clock", "12:00:00 UTC\n")).toBe("12:00:00 UTC\n");
  });

  test("a line that ends like the command by chance is output", () => {
    expect(output("e", "one line\nanother e\n")).toBe("one line\nanother e\n");
  });

  test("much output is not held back for it", () => {
    const echo = new EchoFilter(isPrompt);
    echo.expect("show tech");
    let out = "";
    for (let i = 0; i < 50; i++) out += echo.filter(`line ${i}\n`);
    expect(echo.pending).toBe(false);
    expect(out).toBe(Array.from({ length: 50 }, (_, i) => `line ${i}\n`).join(""));
  });
});
