import { describe, expect, test } from "bun:test";
import { csvLine, parseCsv } from "../../../src/cli/online/csv.ts";
import { HiddenLine } from "../../../src/cli/online/terminal.ts";
import { duration, fit, harmless, oneLine, pad, painted } from "../../../src/cli/online/text.ts";

describe("text of a device", () => {
  test("cannot control the terminal", () => {
    expect(harmless("a\x1b]0;title\x07b\x1b[2J\r\nc\x9b31m\td\u202e")).toBe(
      "a␛]0;title␇b␛[2J\nc\uFFFD31m\td\uFFFD",
    );
    expect(oneLine("one\r\n  two\tthree\x07")).toBe("one two three␇");
  });

  test("is cut and padded by the columns it takes", () => {
    expect([fit("abcdef", 4), fit("abc", 3), fit("日本語です", 5)]).toEqual(["abc…", "abc", "日本…"]);
    expect([pad("日本", 6), pad("abc", 2)]).toEqual(["日本  ", "abc"]);
  });

  test("has colours only where they are wanted", () => {
    expect([painted("x", "red", true), painted("x", "red", false), painted("", "red", true)]).toEqual([
      "\x1b[31mx\x1b[0m",
      "x",
      "",
    ]);
  });

  test.each([
    [0.2468, "0.25 s"],
    [9, "9 s"],
    [59.4, "59 s"],
    [60, "1 min"],
    [185, "3 min 5 s"],
    [3600, "1 h"],
    [7830, "2 h 10 min"],
  ])("%p seconds are %p", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

test("a line that is typed without an echo knows the keys that change it", () => {
  const line = new HiddenLine();
  expect(line.take("wrong\x15ab")).toBe(null);
  expect([line.take("😀\x7fc\r"), line.text]).toEqual(["enter", "abc"]);
  expect(new HiddenLine().take("ab\x03")).toBe("interrupt");
});

describe("CSV", () => {
  test("is read with quotes, line ends in them, any line ends and a byte order mark", () => {
    expect(parseCsv('\uFEFFhost,command\r\n192.0.2.1,"show ""x"",\nnext"\r10.0.0.1 , b\n\n,\n"",c')).toEqual([
      ["host", "command"],
      ["192.0.2.1", 'show "x",\nnext'],
      ["10.0.0.1", "b"],
      ["", "c"],
    ]);
    expect(parseCsv("a,b,")).toEqual([["a", "b", ""]]);
    expect(parseCsv("")).toEqual([]);
  });

  test("is parted by what its first line is parted by", () => {
    expect(parseCsv('host;command\n10.0.0.1;"show ""a;b"", c"\n')).toEqual([
      ["host", "command"],
      ["10.0.0.1", 'show "a;b", c'],
    ]);
    expect(parseCsv("host\tcommand\n10.0.0.1\tshow a; b, c\n")).toEqual([
      ["host", "command"],
      ["10.0.0.1", "show a; b, c"],
    ]);
    expect(parseCsv("a,b;c\n1,2;3")).toEqual([
      ["a", "b;c"],
      ["1", "2;3"],
    ]);
  });

  test("comes back as it went", () => {
    const cells = ["plain", 'quote " and, comma', "line\r\nend", "", " spaces "];
    expect(parseCsv(csvLine(cells))).toEqual([cells.with(4, "spaces")]);
    expect(csvLine([1, null, "a"])).toBe("1,,a\r\n");
  });

  test.each([
    ['a,"b', "row 1: a quote does not end"],
    ['a\n"b"c', "row 2: there is text behind a closing quote"],
  ])("with a broken quote is refused: %p", (text, message) => {
    expect(() => parseCsv(text)).toThrow(message);
  });
});
