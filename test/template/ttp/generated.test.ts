import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { TemplateError } from "../../../src/core/errors.ts";
import { parse } from "./support.ts";

const DEVICES = new URL("devices/", import.meta.url).pathname;
const FILES = readdirSync(DEVICES);
const read = (ending: string) =>
  FILES.filter((file) => file.endsWith(ending)).map((file) => readFileSync(`${DEVICES}${file}`, "utf8"));

/** Pieces that mean something to a template, or to what reads it. */
const PIECES = [
  ..."{{ }} | _start_ _end_ _line_ _exact_ _headers_ ignore set( default( joinmatches ' \" ( ) [ ] , = * ** / . _ \\ \\n %s $& <group> </group> <group name='x'> /> <!-- --> <![CDATA[ ]]> &lt; & < > ## \n \t".split(
    " ",
  ),
  "chain('c')",
  "re('.*')",
  "re('(a|aa)+\\1')",
  "to_ip",
  "unrange('-', ',')",
  "__proto__",
  "constructor",
  " name='_'",
  " default='x'",
  " functions=\"itemize('a')\"",
  " method='table'",
  "\u2028",
  "😀",
];

const edit = fc.record({
  at: fc.integer({ min: 0, max: 999 }).map((thousandth) => thousandth / 1000),
  cut: fc.integer({ min: 0, max: 12 }),
  piece: fc.constantFrom("", ...PIECES),
});
const question = fc.record({
  template: fc.constantFrom(...read("ttp")),
  text: fc.constantFrom(...read("txt")),
  edits: fc.array(edit, { minLength: 1, maxLength: 3 }),
});

function edited(text: string, edits: readonly { at: number; cut: number; piece: string }[]): string {
  return edits.reduce((made, { at, cut, piece }) => {
    const place = Math.floor(at * made.length);
    return made.slice(0, place) + piece + made.slice(place + cut);
  }, text);
}

test("whatever a template is, a text is parsed by it or it is refused with a reason", () => {
  let parsed = 0;
  const reasons = new Set<string>();
  for (const { template, text, edits } of fc.sample(question, { numRuns: 4000, seed: 21 })) {
    try {
      const results = parse(edited(template, edits), text, { limits: { steps: 3_000_000 } });
      expect(typeof JSON.stringify(results)).toBe("string");
      parsed++;
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      reasons.add(error.reason.replace(/".*"|<.*>/, "…"));
    }
  }
  expect(parsed).toBeGreaterThan(300);
  expect(reasons.size).toBeGreaterThan(100);
});
