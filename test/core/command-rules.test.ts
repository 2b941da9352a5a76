import { describe, expect, test } from "bun:test";
import { lineJudge, patternProblem } from "../../src/core/command-rules.ts";

const ONLY = lineJudge({
  allow: [
    "show *",
    "ping 10.*.1",
    "show * | include *",
    "do show clock",
    "description a;b",
    "interface Gi*/1",
  ],
  deny: [],
});
const NOT_ALLOWED = "is not among those allowed";

describe("an allow list takes", () => {
  test.each([
    ["the words of a pattern, and any that follow where it ends in a star", "show ip interface brief"],
    ["none where none follow", "show"],
    ["blanks as it finds them", "  show   version "],
    ["a star within a word", "ping 10.0.1.1"],
    ["a pipe where the pattern has one", "show ip route | include 10.0.0.0"],
    ["a wrapper that it names", "do show clock"],
    ["what it writes out, whatever it holds", "description a;b"],
    ["a slash like any character", "interface Gi1/0/1"],
    ["Enter alone", ""],
  ])("%s: %s", (_what, line) => {
    expect(ONLY(line)).toBeNull();
  });
});

describe("an allow list refuses", () => {
  test.each([
    ["another command", "reload"],
    ["an abbreviation", "sh version"],
    ["another case", "SHOW version"],
    ["more than the pattern", "ping 10.0.0.1 size 9000"],
    ["less than the pattern", "ping"],
    ["a wrapper that it does not name", "do show version"],
    ["a second command behind a semicolon", "show version ; reload"],
    ["one without blanks", "show version;reload"],
    ["one behind an ampersand", "show version && reload"],
    ["a redirection", "show run > flash:x"],
    ["a pipe where a star stands", "show run |redirect tftp://192.0.2.1/x"],
    ["a second pipe", "show run | include x | redirect x"],
    ["substitution in brackets", "show [/system reboot]"],
    ["substitution by a shell", "show $(reboot)"],
    ["backquotes", "show `reboot`"],
    ["a block", "show { reboot }"],
    ["quotes under a star", 'show "x'],
    ["help under a star", "show ver?sion"],
    ["a backslash under a star", "ping 10.\\.1"],
  ])("%s: %s", (_what, line) => {
    expect(ONLY(line)).toBe(NOT_ALLOWED);
  });

  test.each([
    "show version\nreload",
    "show version\rreload",
    "show\treload",
    "show \x03reload",
    "show \x85x",
    "show x\u034dreload",
    "show\u00a0version",
  ])("what is no printable ASCII: %j", (line) => {
    expect(ONLY(line)).toContain("no printable ASCII");
  });

  test("everything when it is empty", () => {
    expect(lineJudge({ allow: [], deny: [] })("show version")).toBe(NOT_ALLOWED);
  });
});

describe("a deny list refuses", () => {
  const judge = lineJudge({
    allow: null,
    deny: ["show running-config", "reload", "debug *", "username * password", "no *-group", "wr mem"],
  });

  test.each([
    ["the line", "show running-config"],
    ["in any case", "Show RUNNING-config"],
    ["with blanks before it", "   reload"],
    ["with more behind it", "reload in 5"],
    ["abbreviated", "sh run"],
    ["to one letter", "r"],
    ["written out where the pattern is abbreviated", "write memory"],
    ["behind do", "do reload"],
    ["behind an abbreviated wrapper", "ru sh run"],
    ["behind several", "do run sudo reload"],
    ["behind a pipe", "show version | reload"],
    ["behind a semicolon without blanks", "show version;reload"],
    ["behind a semicolon and a wrapper", "show version ; do rel"],
    ["in brackets", "put [reload]"],
    ["in a substitution", "show $(reload)"],
    ["in quotes", 're"load" in 5'],
    ["with a backslash", "re\\load"],
    ["with a question mark in it", "rel?oad"],
    ["with a pipe at its end", "show run | include hostname"],
    ["whatever a star stands for", "debug all"],
    ["with a separator in a word that a star stands for", "username a{b} password x"],
    ["where a word is cut before what its pattern says behind a star", "no access"],
  ])("%s: %s", (_what, line) => {
    expect(judge(line)).toBe("is denied");
  });

  test("a line with more places where a command may begin than people write", () => {
    expect(judge(`show ${"x;".repeat(31)}`)).toBe("is denied");
    expect(judge("do ".repeat(20))).toBe("is denied");
    expect(judge(`show ${"x;".repeat(10)}`)).toBeNull();
  });

  test.each([
    ["another command", "show version"],
    ["a word that begins alike and goes on differently", "reset"],
    ["fewer words than the pattern has", "sh"],
    ["the word in another place", "description reload"],
    ["Enter alone", ""],
  ])("and not %s: %s", (_what, line) => {
    expect(judge(line)).toBeNull();
  });

  test("what is allowed as well", () => {
    const both = lineJudge({ allow: ["show *"], deny: ["show running-config"] });
    expect([both("show version"), both("show run"), both("reload")]).toEqual([
      null,
      "is denied",
      NOT_ALLOWED,
    ]);
  });

  test("everything by a star", () => {
    expect(lineJudge({ allow: null, deny: ["*"] })("show version")).toBe("is denied");
  });
});

test("on a shell a deny list alone lets nothing pass; an allow list is needed", () => {
  const judge = lineJudge({ allow: null, deny: ["reboot"] });
  expect(judge("uptime", { shell: true })).toContain("shell");
  expect(judge("uptime")).toBeNull();
  const only = lineJudge({ allow: ["uptime", "ls *"], deny: ["ls /root"] });
  const verdicts = ["uptime", "ls -l /tmp", "ls /root", "ls $HOME", "uptime; reboot"].map((line) =>
    only(line, { shell: true }),
  );
  expect(verdicts).toEqual([null, null, "is denied", NOT_ALLOWED, NOT_ALLOWED]);
});

test("without lists every line passes", () => {
  expect(lineJudge({ allow: null, deny: [] })("show version\nreload", { shell: true })).toBeNull();
});

test("the work grows with the line, not with what it is made of", () => {
  const worst = `${"a*".repeat(99)}b`;
  const judge = lineJudge({
    allow: Array.from({ length: 100 }, () => worst),
    deny: Array.from({ length: 100 }, () => `${"d ".repeat(99)}x`),
  });
  const started = performance.now();
  expect(judge("d ".repeat(2000))).toBe("is denied");
  expect(judge("a".repeat(4096))).toBe(NOT_ALLOWED);
  expect(performance.now() - started).toBeLessThan(2000);
});

test.each([
  ["", "is empty"],
  ["  ", "is empty"],
  ["x".repeat(201), "longer"],
  ["a\nb", "no printable ASCII"],
  ["größe", "no printable ASCII"],
])("a pattern %j %s", (pattern, problem) => {
  expect(patternProblem(pattern)).toContain(problem);
  expect(patternProblem("show *")).toBeNull();
});
