import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { RegexSyntaxError } from "../../src/python-regex/errors.ts";
import { type Match, PythonRegex } from "../../src/python-regex/regex.ts";
import { Subject } from "../../src/python-regex/subject.ts";
import { askPython } from "../template/support/oracle.ts";
import { patterns, subjects } from "../template/support/patterns.ts";

interface Question {
  pattern: string;
  texts: string[];
}
type Answer = (Match | null)[] | null;

function ours({ pattern, texts }: Question, stepsWithoutMemo?: number): Answer {
  let regex: PythonRegex;
  try {
    regex = new PythonRegex(pattern, stepsWithoutMemo === undefined ? {} : { stepsWithoutMemo });
  } catch (error) {
    if (error instanceof RegexSyntaxError) return null;
    throw error;
  }
  return texts.map((text) => regex.match(new Subject(text), { steps: 1_000_000 }));
}

async function compare(questions: Question[]): Promise<Answer[]> {
  const theirs = await askPython<Question, Answer>("regex_oracle.py", questions);
  const differing = questions.flatMap((question, index) => {
    const mine = ours(question);
    const remembering = ours(question, 0);
    return Bun.deepEquals(mine, theirs[index]) && Bun.deepEquals(remembering, theirs[index])
      ? []
      : [{ ...question, ours: mine, remembering, python: theirs[index] }];
  });
  expect(differing.slice(0, 5)).toEqual([]);
  return theirs;
}

describe("a generated pattern does what it does in Python", () => {
  test.each([1, 2, 4])("seed %d", async (seed) => {
    const question = fc.record({
      pattern: patterns,
      texts: fc.array(subjects, { minLength: 8, maxLength: 8 }),
    });
    const answers = await compare(fc.sample(question, { numRuns: 3000, seed }));
    const accepted = answers.filter((answer) => answer !== null);
    expect(accepted.length).toBeGreaterThan(1000);
    expect(accepted.length).toBeLessThan(3000);
    expect(accepted.flat().filter((match) => match !== null).length).toBeGreaterThan(1000);
  });
});

test("what templates are made of does what it does in Python", async () => {
  const line = "Gi0/1   10.0.0.1  YES up  Ärger ٣٤ ſtraße K";
  const patterns = [
    "^(?P<INTF>\\S+)\\s+(?P<IP>\\d+(?:\\.\\d+){3})\\s+(?P<OK>YES|NO)(?:\\s+(?P<ST>\\w+))*?\\s*$",
    "^(\\w+)(?=0).*?(?<=YES )(?!down)(?P<rest>.*)\\Z",
    "^(?i:gI)0/(?P<port>\\d{,2}1)",
    "^(.)(?P<two>.)(?:(?P=two)|\\S)*?\\d(?(two)\\s+|x)(.*?)(?: {2,}|$)",
    "(?x) ^ ( \\S+ ) \\s+ # the address\n ([\\d.]+)",
    "(?a)^(.*?)(\\w+)$",
    "(?i).*STRASSE|.*ſTRAßE|.*K$",
    "(?s).*\\b(?P<last>\\w+)\\b.*",
    "^\\A\\x47\\u0069\\U00000030/\\061\\b",
    "(?#one)(?s)(?#two)(?i)GI.*",
    "(?:Gi|(Te))(?(1)9|0)(?>/\\d*+)\\s++1",
  ];
  const answers = await compare(
    patterns.map((pattern) => ({ pattern, texts: [line, line.toUpperCase(), ""] })),
  );
  expect(answers.filter((answer) => answer === null)).toEqual([]);
});

test("what Python refuses is refused", async () => {
  const patterns = [
    ..."( ) [ * + ? a** a{2}{3} a{3,2} [b-a] [a-\\d] \\q \\ (?P<1>a) (?P<n>a)(?P<n>b) (?P=x) \\1 (a\\1) (?<=a*)b".split(
      " ",
    ),
    ..."(?<=(a)\\1) a(?i) (?L) (?i-i:a) (?ia (?au:a) (?-a:a) (?Pz) (?z) (?<a) (?# (?(1)a) (?(0)a) (?(x)a) ()(?(1)a|b|c)".split(
      " ",
    ),
    ..."\\x1 \\u12 \\UFFFFFFFF [\\777] \\777 [\\q] ^* $+ \\b? (?P< (?P<> (?P (? x{1 {1".split(" "),
  ];
  await compare(patterns.map((pattern) => ({ pattern, texts: ["a", "x{1", "{1"] })));
});
