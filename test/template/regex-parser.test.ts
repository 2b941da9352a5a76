import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { TemplateFolder } from "../../src/template/folder.ts";
import type { Limits } from "../../src/template/limits.ts";
import { type RegexMatching, RegexParser } from "../../src/template/regex-parser.ts";
import { tempDir } from "../support/tempdir.ts";

const TEXT = `Port   State  Speed
Et1    up     10G
Et2    down
Et12   up     100G
`;

function parse(pattern: string, matching?: RegexMatching, limits: Partial<Limits> = {}, text = TEXT) {
  const parser = new RegexParser({ folder: null, limits });
  return parser.parse({ template: { kind: "inline", text: pattern }, text }, matching);
}

describe("a regex with named groups", () => {
  const ports = "^(?P<port>Et\\d+) +(?P<state>up|down)(?: +(?P<speed>\\S+))?$";

  test("gives a record for each match, with null for what took no part", () => {
    expect(parse(ports)).toEqual([
      { port: "Et1", state: "up", speed: "10G" },
      { port: "Et2", state: "down", speed: null },
      { port: "Et12", state: "up", speed: "100G" },
    ]);
  });

  test("gives the first match alone when that is asked for", () => {
    expect(parse(ports, { match: "first" })).toEqual([{ port: "Et1", state: "up", speed: "10G" }]);
    expect(parse("(?P<x>Et3)", { match: "first" })).toEqual([]);
  });

  test("takes the text for one line unless it is multiline", () => {
    expect(parse(ports, { multiline: false })).toEqual([]);
    expect(parse("^(?P<head>\\w+)", { multiline: false })).toEqual([{ head: "Port" }]);
  });

  test("is one of Python's, with its flags", () => {
    expect(parse("(?ix) ^ et(?P<number>\\d+) \\s+ UP")).toEqual([{ number: "1" }, { number: "12" }]);
    expect(parse("(?s)(?P<rest>Et2.*)")).toEqual([{ rest: "Et2    down\nEt12   up     100G\n" }]);
  });

  test("may have names that JavaScript knows", () => {
    const [record] = parse("(?P<__proto__>Et1) +(?P<constructor>up)");
    expect(Object.entries(record ?? {})).toEqual([
      ["__proto__", "Et1"],
      ["constructor", "up"],
    ]);
  });

  test("comes from a file of the folder, without the line end at its end", () => {
    const folder = tempDir("regexes");
    try {
      writeFileSync(folder.file("ports.regex"), "^(?P<port>Et1)\\b\r\n");
      const parser = new RegexParser({ folder: new TemplateFolder(folder.path) });
      const file = (path: string) => parser.parse({ template: { kind: "file", path }, text: TEXT });
      expect(file("ports.regex")).toEqual([{ port: "Et1" }]);
      writeFileSync(folder.file("bad.regex"), "(");
      expect(() => file("bad.regex")).toThrow("bad.regex: the regex is not valid: missing )");
      expect(() => file("../ports.regex")).toThrow("outside the template folder");
    } finally {
      folder.remove();
    }
  });
});

describe("what is refused says why", () => {
  test.each<[string, string, Partial<Limits>, string]>([
    ["(?P<a>[)", TEXT, {}, "the regex is not valid: unterminated character set at position 6"],
    ["Et(\\d)", TEXT, {}, "the regex has no named groups"],
    ["(?P<a>.)", TEXT, { template: 7 }, "the template is longer than 7 characters"],
    ["(?P<a>.)", TEXT, { text: 10 }, "the text is longer than 10 characters"],
    ["(?P<a>.)", TEXT, { records: 10 }, "the text makes more than 10 records"],
    ["(?P<a>[\\s\\S]+)", TEXT, { result: 40 }, "the records hold more than 40 characters"],
    ["(?P<a>(a|aa)+)\\1\\1$", "a".repeat(60), { steps: 20_000 }, "the regexes take too many steps"],
    ["(?P<a>x*)(?P=a)y", "x".repeat(9000), { steps: 1_000_000 }, "the regexes take too many steps"],
  ])("%j", (pattern, text, limits, reason) => {
    expect(() => parse(pattern, {}, limits, text)).toThrow(reason);
  });

  test("a platform's command", () => {
    const parser = new RegexParser({ folder: null });
    const template = { kind: "command", platform: "acme", command: "show ports" } as const;
    expect(() => parser.parse({ template, text: "" })).toThrow("the index has TextFSM templates only");
  });
});
