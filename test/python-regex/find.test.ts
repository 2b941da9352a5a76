import { expect, test } from "bun:test";
import fc from "fast-check";
import { RegexBudgetError, RegexSyntaxError } from "../../src/python-regex/errors.ts";
import { PythonRegex } from "../../src/python-regex/regex.ts";
import { Subject } from "../../src/python-regex/subject.ts";
import { substitute } from "../../src/python-regex/substitute.ts";
import { askPython } from "../template/support/oracle.ts";
import { patterns, subjects } from "../template/support/patterns.ts";

interface Question {
  pattern: string;
  text: string;
  replacement: string;
  count: number;
}

const budget = () => ({ steps: 50_000_000 });

function ours({ pattern, text, replacement, count }: Question) {
  const regex = new PythonRegex(pattern);
  const subject = new Subject(text);
  const spans = [...regex.findAll(subject, budget())].map(({ from, to }) => [from, to]);
  try {
    return { spans, text: substitute(regex, subject, { replacement, count, limit: 10_000 }, budget()) };
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    return { spans, text: null };
  }
}

async function compare(questions: Question[]) {
  const theirs = await askPython<Question, ReturnType<typeof ours>>("find_oracle.py", questions);
  const mine = questions.map(ours);
  const differing = mine.flatMap((answer, at) =>
    Bun.deepEquals(answer, theirs[at], true) ? [] : [{ ...questions[at], answer, python: theirs[at] }],
  );
  expect(differing.slice(0, 3)).toEqual([]);
  return mine;
}

const PATTERNS = [
  "",
  "a*",
  "a*?",
  "x?|b",
  "\\b",
  "^a?",
  "\\A|b",
  "(?m)^\\w+",
  "(?m)$",
  "(a)|b",
  "(a)?b",
  "(?P<n>a|b)c?",
  ".",
  "[^a]*",
  "(?<=a)b",
  "(?=b)",
  "a{2}",
  "(?:a|ab)(?:c|$)",
  "\\s+",
  "(a|b)*?c?",
];

test("matches are found, and put in place of others, where Python does", async () => {
  const question = fc.record({
    pattern: fc.constantFrom(...PATTERNS),
    text: fc.string({ unit: fc.constantFrom("a", "b", "c", "x", " ", "\n", "😀"), maxLength: 12 }),
    replacement: fc.constantFrom(
      "",
      "-",
      "<\\g<0>>",
      "\\\\",
      "\\n",
      "\\1",
      "\\g<n>",
      "\\q",
      "\\.",
      "\\0",
      "\\101",
      "x\\",
    ),
    count: fc.constantFrom(0, 1, 2),
  });
  const answers = await compare(fc.sample(question, { numRuns: 3000, seed: 7 }));
  expect(answers.filter(({ text }) => text === null).length).toBeGreaterThan(100);
  expect(answers.filter(({ spans }) => spans.length > 2).length).toBeGreaterThan(500);
});

function isAccepted(pattern: string): boolean {
  try {
    new PythonRegex(pattern);
    return true;
  } catch (error) {
    if (error instanceof RegexSyntaxError) return false;
    throw error;
  }
}

test.each([11, 12, 13])(
  "generated patterns are found where Python does, with and without memory: seed %d",
  async (seed) => {
    const drawn = fc.record({ pattern: patterns, text: subjects, more: subjects });
    const questions = fc
      .sample(drawn, { numRuns: 6000, seed })
      .filter(({ pattern }) => isAccepted(pattern))
      .map(({ pattern, text, more }) => ({ pattern, text: text + more, replacement: "", count: 0 }));
    const answers = await compare(questions);
    const remembering = questions.map(({ pattern, text }) => {
      const regex = new PythonRegex(pattern, { stepsWithoutMemo: 0 });
      return [...regex.findAll(new Subject(text), budget())].map(({ from, to }) => [from, to]);
    });
    expect(remembering.filter((spans, n) => !Bun.deepEquals(spans, answers[n]?.spans))).toEqual([]);
    expect(answers.filter(({ spans }) => spans.some(([from = 0]) => from > 0)).length).toBeGreaterThan(500);
  },
);

test("a part of a text is a text of its own", () => {
  const part = new Subject("one 😀 two").part(4, 8).part(0, 3);
  expect(new PythonRegex("^(.) (.)$").match(part, budget())?.groups).toEqual(["😀 t", "😀", "t"]);
  expect(new PythonRegex("(?<=e )|. tw").match(part, budget())).toBeNull();
});

test("flags from outside count for the whole pattern", () => {
  const found = (pattern: string) =>
    [...new PythonRegex(pattern, { flags: { multiline: true } }).findAll(new Subject("A\nb"), budget())]
      .length;
  expect([found("^\\w"), found("(?i)^[ab]$"), found("^a")]).toEqual([2, 2, 0]);
});

test("a search shares its budget with all places it looks at", () => {
  const regex = new PythonRegex("(\\w)\\1+?!");
  expect(() => regex.search(new Subject("a".repeat(3000)), { steps: 100_000 })).toThrow(RegexBudgetError);
});

test("a result beyond the limit is not made", () => {
  const subject = new Subject("a".repeat(1000));
  const substitution = { replacement: "b".repeat(1000), count: 0, limit: 100_000 };
  expect(substitute(new PythonRegex("a"), subject, substitution, budget())).toBeNull();
});
