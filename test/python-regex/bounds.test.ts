import { describe, expect, test } from "bun:test";
import { RegexBudgetError, RegexSyntaxError } from "../../src/python-regex/errors.ts";
import { PythonRegex } from "../../src/python-regex/regex.ts";
import { Subject } from "../../src/python-regex/subject.ts";

function steps(pattern: string, text: string): number {
  const budget = { steps: 100_000_000 };
  new PythonRegex(pattern).match(new Subject(text), budget);
  return 100_000_000 - budget.steps;
}

describe("patterns that take Python two to the power of the line's length take us a multiple of it", () => {
  test.each([
    "(a+)+$",
    "(a|a)*b",
    "(a|aa)+$",
    "(?:a?){40}a{40}b",
    "(?:(?:a*)*)*b",
    "(?:a{1,5}){1,50}c",
    "(?:a(?=a*))+c",
    "(?>a|aa)*(?:a|aa)+c",
    "(\\w+\\s?)*!",
  ])("%s", (pattern) => {
    const short = steps(pattern, "a".repeat(60));
    const long = steps(pattern, "a".repeat(240));
    expect(short).toBeLessThan(400_000);
    // Sixteen times as much would be the square of the length; a power of two would be out of all bounds.
    expect(long).toBeLessThan(20 * Math.max(short, 20_000));
  });
});

describe("a search takes no more for each place where it begins in vain", () => {
  const searched = (pattern: string, length: number): number => {
    const budget = { steps: 100_000_000 };
    expect(new PythonRegex(pattern).search(new Subject("a".repeat(length)), budget)).toBeNull();
    return 100_000_000 - budget.steps;
  };

  test.each(["(a+)+b", "(a+a+)+b", "(?:a|aa)+b", "(?:(?:a*)*)*b", "(?:a(?=a*))+c"])("%s", (pattern) => {
    const short = searched(pattern, 250);
    // Sixteen times as much is the square of the length; the cube would be sixty-four times.
    expect(searched(pattern, 1000)).toBeLessThan(20 * short);
  });
});

describe("what cannot be helped ends with the budget", () => {
  test.each([
    ["a backreference", "(a*)(a*)(a*)(a*)(a*)\\1\\2\\3b", "a".repeat(200)],
    ["a count without end", "(?:){2000000000}", ""],
    ["many open choices", "(?:.*?)*?(?:a|b|.)*\\Zx", "a".repeat(100_000)],
  ])("%s", (_what, pattern, text) => {
    const budget = { steps: 3_000_000 };
    const regex = new PythonRegex(pattern);
    expect(() => regex.match(new Subject(text), budget)).toThrow(RegexBudgetError);
    expect(budget.steps).toBeGreaterThanOrEqual(0);
  });

  test("and a budget that is used up gives nothing more", () => {
    const budget = { steps: 5 };
    const regex = new PythonRegex("a*?b");
    expect(() => regex.match(new Subject("aaaaaaaaab"), budget)).toThrow("take too many steps");
    expect(budget.steps).toBe(0);
    expect(() => regex.match(new Subject("b"), budget)).toThrow(RegexBudgetError);
  });
});

test("a long line does not exhaust the stack", () => {
  const text = "ab".repeat(100_000);
  const match = new PythonRegex("((?:ab)+)(?P<end>$)").match(new Subject(text), { steps: 10_000_000 });
  expect(match?.groups[1]?.length).toBe(200_000);
  expect(match?.named).toEqual([["end", ""]]);
});

test("a match gives groups that took no part as null, and astral characters whole", () => {
  const match = new PythonRegex("(a)?(.)(?P<x>.)").match(new Subject("😀é"), { steps: 100 });
  expect(match).toEqual({ groups: ["😀é", null, "😀", "é"], named: [["x", "é"]] });
});

test("a possessive group goes back to where its last whole round ended", () => {
  expect(new PythonRegex("(?:[k-s]??1)*+").match(new Subject("s1s"), { steps: 100 })?.groups).toEqual(["s1"]);
  expect(new PythonRegex("(?:ab?)++b").match(new Subject("abab"), { steps: 100 })).toBeNull();
});

test("a pattern of no reasonable length is refused", () => {
  expect(() => new PythonRegex("a".repeat(100_001))).toThrow("the pattern is too long");
});

describe("a refusal says why and where", () => {
  test.each([
    ["ab(cd", "missing ), unterminated subpattern", 2],
    ["x[abc", "unterminated character set", 1],
    ["a(?<=b+)", "look-behind requires fixed-width pattern", 1],
    ["a(?i)b", "global flags not at the start of the expression; (?i:…) sets them for a part", 1],
    ["\\N{DASH}", "\\N{…} is not supported; write the character or \\uXXXX", 2],
    ["(?P<a>.)(?P<a>.)", "redefinition of group name 'a' as group 2; was group 1", 14],
    ["(?:".repeat(101), "groups are nested more than 100 deep", 300],
  ])("%p", (pattern, reason, position) => {
    try {
      new PythonRegex(pattern);
    } catch (error) {
      expect(error).toBeInstanceOf(RegexSyntaxError);
      expect((error as RegexSyntaxError).reason).toBe(reason);
      expect((error as RegexSyntaxError).position).toBe(position);
      return;
    }
    throw new Error("accepted");
  });
});

test("a match that is hard to find is found", () => {
  const text = new Subject(`${"a".repeat(40)}!`);
  const match = new PythonRegex("(?:(a+)+$|.*!)").match(text, { steps: 1_000_000 });
  expect(match?.groups).toEqual([text.text, null]);
});
