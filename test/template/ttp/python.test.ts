import { expect, test } from "bun:test";
import fc from "fast-check";
import { TemplateError } from "../../../src/core/errors.ts";
import { DEFAULT_LIMITS } from "../../../src/template/limits.ts";
import type { Parsed } from "../../../src/template/parser.ts";
import { loadCsv } from "../../../src/template/ttp/csv.ts";
import { bind } from "../../../src/template/ttp/functions.ts";
import { loadIni } from "../../../src/template/ttp/ini.ts";
import { TEXT_METHODS } from "../../../src/template/ttp/match/python.ts";
import { readArguments } from "../../../src/template/ttp/python-literal.ts";
import { Meter } from "../../../src/template/ttp/scope.ts";
import { toParsed, type Value } from "../../../src/template/ttp/values.ts";
import { linesOf } from "../../../src/template/ttp/xml.ts";
import { askPython } from "../support/oracle.ts";

interface Question {
  kind: "ini" | "csv" | "literal" | "method";
  text: string;
  method?: string;
  args?: (string | number | null)[];
}

const lines = (text: string) => linesOf([{ text, line: 1 }]);

function ours({ kind, text, method = "", args = [] }: Question): Parsed {
  try {
    return toParsed(make(kind, text, method, args));
  } catch (error) {
    if (error instanceof TemplateError) return null;
    throw error;
  }
}

function make(kind: Question["kind"], text: string, method: string, args: (string | number | null)[]): Value {
  switch (kind) {
    case "ini":
      return loadIni(lines(text));
    case "csv":
      return csvRows(text);
    case "literal":
      return readArguments(text, 1).args[0] ?? null;
    case "method": {
      const known = TEXT_METHODS[method];
      if (known === undefined) throw new Error(`there is no method ${method}`);
      const call = { name: method, args, kwargs: new Map(), line: 1 };
      return known.run(text, bind(call, known.params, null), new Meter(DEFAULT_LIMITS));
    }
  }
}

/** Rows as they are, by a head that names each column with its number. */
function csvRows(text: string): Value {
  return text.split("\n").map((row) => {
    const table = loadCsv(lines(`key,${"0123456789".split("").join(",")}\nk,${row}`), null).get("k");
    return table instanceof Map ? [...table.values()] : null;
  });
}

async function compare(questions: Question[]): Promise<Parsed[]> {
  const theirs = await askPython<Question, Parsed>("data_oracle.py", questions);
  const mine = questions.map(ours);
  const differing = mine.flatMap((answer, at) =>
    Bun.deepEquals(answer, theirs[at], true) ? [] : [{ ...questions[at], answer, python: theirs[at] }],
  );
  expect(differing.slice(0, 3)).toEqual([]);
  return mine;
}

const chars = (text: string, maxLength = 14) => fc.string({ unit: fc.constantFrom(...text), maxLength });

test("INI is read as by configparser", async () => {
  const piece = fc.constantFrom(
    "[a]",
    "[b c]",
    "k = v",
    "K: w = x",
    "  more",
    "\tmore",
    "# note",
    "; note",
    "",
    "k2=",
    "%%",
    "x %% y : 1%%",
    " [d]",
    "e",
  );
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => `[top]\n${pieces.join("\n")}`);
  const questions = fc
    .sample(text, { numRuns: 2000, seed: 3 })
    .map((each): Question => ({ kind: "ini", text: each }));
  const answers = await compare(questions);
  expect(answers.filter((answer) => answer !== null).length).toBeGreaterThan(300);
});

test("CSV is read as by csv", async () => {
  const row = chars('ab",, ', 10).filter(
    (each) => each.trim() !== "" && (each.match(/"/g)?.length ?? 0) % 2 === 0,
  );
  const questions = fc
    .sample(row, { numRuns: 2000, seed: 4 })
    .map((each): Question => ({ kind: "csv", text: each }))
    // A field that begins in quotes and ends behind them: what follows is up to the reader's state.
    .filter(({ text }) => !/(?:^|,)"[^"]*"[^,"]*"/.test(text))
    // Python takes a field whose quotes are not closed; we say so.
    .filter((question) => ours(question) !== null);
  const answers = await compare(questions);
  expect(answers.length).toBeGreaterThan(1000);
});

test("literals are read as by ast.literal_eval", async () => {
  const text = fc.oneof(
    fc.constantFrom(
      "'a'",
      '"b"',
      "r'\\d'",
      "u'x'",
      "'\\n\\x41\\u0042\\d\\101'",
      "'''a\n'b'''",
      "'a' 'b'",
      "''",
      '"\\""',
    ),
    fc.constantFrom(
      "1",
      "-2",
      "+3",
      "1_000",
      "0x1F",
      "1.5",
      "-1e3",
      ".5",
      "True",
      "False",
      "None",
      "01",
      "1__0",
      "1.",
    ),
    chars("['a',1]{}:() ", 10),
    fc.constantFrom(
      "[1, 'a', [2]]",
      "(1,)",
      "(1)",
      "()",
      "(1, 2)",
      "[1,]",
      "{'a': 1, 'b': [None]}",
      "{'a' 'b': ('c' 'd')}",
    ),
    fc.constantFrom(
      "[1 2]",
      "{'a'}",
      "open('x')",
      "1 + 1",
      "f'a'",
      "b'a'",
      "[",
      "'a",
      "{'a': }",
      "lambda: 1",
      "a.b",
    ),
  );
  const sample = fc.sample(text, { numRuns: 3000, seed: 5 }).map((each) => each.trim());
  // Sets, sums and bytes are Python's, and keys are texts here; a word without quotes is a text.
  const asked = sample.filter(
    (each) => each !== "" && !/^\{[^:]+\}$|^b|^[a-z.][\w.]*$|[\d]:|[+-] *[\d(]|\([^()]*:|^,|,$/.test(each),
  );
  await compare(asked.map((each): Question => ({ kind: "literal", text: each })));
});

test("methods of texts give what Python's give", async () => {
  const text = chars("aB c-/\t1é", 10);
  const separator = fc.constantFrom(null, "-", " ", "a", "/", "B c");
  const one = (method: string, args: fc.Arbitrary<(string | number | null)[]>) =>
    fc
      .tuple(text, args)
      .map(([each, given]): Question => ({ kind: "method", text: each, method, args: given }));
  const none = fc.constant<(string | number | null)[]>([]);
  const questions = fc.oneof(
    ...[
      "upper",
      "lower",
      "capitalize",
      "swapcase",
      "strip",
      "lstrip",
      "rstrip",
      "split",
      "isalpha",
      "isupper",
      "islower",
      "isspace",
      "isalnum",
    ].map((method) => one(method, none)),
    ...["strip", "lstrip", "rstrip"].map((method) =>
      one(method, fc.constantFrom(["a"], [" -"], ["1é/"], [""])),
    ),
    ...["split", "rsplit"].map((method) => one(method, fc.tuple(separator, fc.integer({ min: -1, max: 3 })))),
    one(
      "replace",
      fc.tuple(
        fc.constantFrom("a", "", "B c", "-"),
        fc.constantFrom("", "x", "aa"),
        fc.integer({ min: -1, max: 3 }),
      ),
    ),
    ...["startswith", "endswith", "removeprefix", "removesuffix"].map((method) =>
      one(method, fc.constantFrom(["a"], [""], ["1"])),
    ),
  );
  await compare(fc.sample(questions, { numRuns: 4000, seed: 6 }));
});
