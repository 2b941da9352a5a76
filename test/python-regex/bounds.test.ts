import { describe, expect, test } from "bun:test";
import { RegexBudgetError, RegexSyntaxError } from "../../src/python-regex/errors.ts";
import { PythonRegex } from "../../src/python-regex/regex.ts";
import { Subject } from "../../src/python-regex/subject.ts";

/** What it costs to find nothing in a text of so many letters, which repeat. */
function steps(how: "match" | "search", pattern: string, letters: string, length: number): number {
  const budget = { steps: 100_000_000 };
  const text = letters.repeat(Math.ceil(length / letters.length)).slice(0, length);
  expect(new PythonRegex(pattern)[how](new Subject(text), budget)).toBeNull();
  return 100_000_000 - budget.steps;
}

/** With what a search for it costs at most, for each letter. */
const LINEAR = [
  ["(a+)+b", "a", 60],
  ["(a|a)*b", "a", 60],
  ["(?:a|aa)+b", "a", 60],
  ["(a+a+)+b", "a", 100],
  ["a+a+b", "a", 40],
  ["a*?a*?b", "a", 40],
  ["\\w+?!", "a", 40],
  ["(a*)(a*)(a*)b", "a", 70],
  ["[ab]*c", "ab", 40],
  ["\\s*x\\s*y", " ", 40],
  ["\\s*x\\s*y", "  x", 40],
  [".+=.+;", "a=", 40],
  [".*,.*,.*,x", "a,", 50],
  ["(\\w+\\s?)*!", "ab ", 50],
  ["a++b", "a", 40],
  ["(?>a+)b", "a", 40],
  ["(?<!b)a+?b", "a", 40],
  ["a{2,50}?a{3,}b", "a", 40],
  ["a{1,300}a{1,300}b", "a", 40],
  ["(?:a?){40}a{40}b", "a", 1000],
  ["(?:a{1,5}){1,50}c", "a", 700],
  ["(?:(?:a*)*)*b", "a", 80],
  ["(?:(?:a+b?)+c?)+d", "ab", 80],
  ["(?:a+?){3,}b", "a", 80],
  ["(?:a(?=a*))+c", "a", 60],
  ["(?:a(?=a*b))+c", "a", 50],
  ["(?:a(?!a*b))+c", "a", 60],
  ["(?>a|aa)*(?:a|aa)+c", "a", 80],
] as const;

describe("what takes Python a power of the text's length, or two to the power of it, takes us a multiple of it", () => {
  test.each(LINEAR)("%s in %s…", (pattern, letters, most) => {
    for (const how of ["match", "search"] as const) {
      const long = steps(how, pattern, letters, 4000);
      // Sixteen times as much would be the square.
      expect(long).toBeLessThan(5 * steps(how, pattern, letters, 1000));
      expect(long).toBeLessThan(10_000 + 4000 * most);
    }
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
