import { expect, test } from "bun:test";
import fc from "fast-check";
import { charOf } from "../../src/python-regex/char-set.ts";
import { RegexBudgetError } from "../../src/python-regex/errors.ts";
import { FreeNumbers } from "../../src/python-regex/number-set.ts";
import { type Match, PythonRegex, type RegexOptions } from "../../src/python-regex/regex.ts";
import { Stretches } from "../../src/python-regex/stretches.ts";
import { Subject } from "../../src/python-regex/subject.ts";

/** Patterns of few letters that go back much, for texts longer than what the memory keeps as one. */
const unit = fc
  .tuple(
    fc.constantFrom("a", "b", "[ab]", ".", "a", "(a)", "(?:ab)", "(?:a|ab)", "(?:a?b?)"),
    fc.constantFrom("", "*", "+", "?", "*?", "+?", "??", "{2,40}", "{3,}", "{1,35}?", "{2,}?", "*+", "{2}"),
  )
  .map((parts) => parts.join(""));
const sequence = fc.array(unit, { minLength: 1, maxLength: 4 }).map((units) => units.join(""));
const group = (body: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom("(", "(?:", "(?=", "(?!", "(?>", "(?:b|", "(|"),
      body,
      fc.constantFrom("", "*", "+", "*?", "+?", "{2,3}", "{1,40}", "{1,4}?", "{2,}"),
    )
    .map(([open, inside, quantifier]) => `${open}${inside})${quantifier}`);
const nested = fc.tuple(sequence, group(sequence), sequence).map((parts) => parts.join(""));
const patterns = fc
  .array(fc.oneof(sequence, group(sequence), group(group(sequence)), group(nested)), {
    minLength: 1,
    maxLength: 3,
  })
  .chain((pieces) => fc.constantFrom(...["", "c", "$", "(?<=ab)", "b"].map((end) => pieces.join("") + end)));
const texts = fc
  .array(fc.tuple(fc.constantFrom("a", "a", "b", "ab", "c"), fc.integer({ min: 0, max: 70 })), {
    maxLength: 4,
  })
  .map((parts) => parts.map(([letters, times]) => letters.repeat(times)).join(""));

/** Null where the budget ends it. */
function found(pattern: string, text: string, steps: number, options: RegexOptions): Match | "none" | null {
  try {
    return new PythonRegex(pattern, options).search(new Subject(text), { steps }) ?? "none";
  } catch (error) {
    if (error instanceof RegexBudgetError) return null;
    throw error;
  }
}

test.each([1, 2, 3])("what is remembered changes no result in long texts: seed %d", (seed) => {
  const questions = fc.sample(fc.record({ pattern: patterns, text: texts }), { numRuns: 1500, seed });
  let compared = 0;
  let matched = 0;
  for (const { pattern, text } of questions) {
    const plain = found(pattern, text, 200_000, { stepsWithoutMemo: Number.MAX_SAFE_INTEGER });
    if (plain === null) continue;
    compared++;
    if (plain !== "none") matched++;
    for (const memoEntries of [1_000_000, 20, 1, 0]) {
      const answer = found(pattern, text, 400_000, { stepsWithoutMemo: 0, memoEntries });
      expect({ pattern, text, memoEntries, answer }).toEqual({ pattern, text, memoEntries, answer: plain });
    }
  }
  expect(compared).toBeGreaterThan(1000);
  expect(matched).toBeGreaterThan(300);
  expect(compared - matched).toBeGreaterThan(100);
});

test.each([
  ["(b??)+(?<=ab)", "ab".repeat(20), ["b", ""]],
  ["(?>.*?)+(.??)*b", "aabbb", ["aab", ""]],
  ["(?:(a?)(b?))*c", "abac", ["abac", "", ""]],
])("a run that takes nothing leaves with the round that it began in: %s", (pattern, text, groups) => {
  for (const stepsWithoutMemo of [Number.MAX_SAFE_INTEGER, 0]) {
    expect(found(pattern, text, 100_000, { stepsWithoutMemo })).toMatchObject({ groups });
  }
});

test.each(["up", "down"] as const)("free numbers are found %s as by looking at each", (direction) => {
  const number = fc.integer({ min: 0, max: 400 });
  const step = direction === "up" ? 1 : -1;
  const actions = fc.array(fc.tuple(number, number, fc.integer({ min: 1, max: 120 })), { maxLength: 40 });
  fc.assert(
    fc.property(actions, fc.constantFrom(1000, 3), (actions, entries) => {
      const space = { entries };
      const set = new FreeNumbers(space, direction);
      const model = new Set<number>();
      for (const [one, other, count] of actions) {
        const from = direction === "up" ? Math.min(one, other) : Math.max(one, other);
        const to = direction === "up" ? Math.max(one, other) : Math.min(one, other);
        for (let n = 0; n < count; n++) {
          let expected = from;
          while (model.has(expected)) expected += step;
          const inRange = (to - expected) * step >= 0;
          expect(set.first(from, to)).toBe(inRange ? expected : null);
          if (!inRange) break;
          expect(set.add(expected)).toBe(true);
          if (!set.add(expected)) model.add(expected);
          else if (space.entries > 0) throw new Error("forgotten in spite of space");
          else break;
        }
      }
      set.clear();
      expect(space.entries).toBe(entries);
    }),
    { seed: 5, numRuns: 500 },
  );
});

test("a stretch ends where looking finds its end, and is looked at once", () => {
  const drawn = fc.record({
    parts: fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.integer({ min: 0, max: 200 })), { maxLength: 8 }),
    places: fc.array(
      fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(1, 63, 64, 65, 150, 2 ** 31)),
      { maxLength: 60 },
    ),
  });
  fc.assert(
    fc.property(drawn, ({ parts, places }) => {
      const text = parts.map(([letter, times]) => letter.repeat(times)).join("");
      const stretches = new Stretches(new Subject(text).codes, { entries: 1000 });
      let looked = 0;
      for (const [part, most] of places) {
        const from = Math.round(part * text.length);
        const reach = text.slice(from).search(/[^a]|$/);
        expect(stretches.end(charOf(97, null), from, from + most)).toBe(from + Math.min(reach, most));
        looked += stretches.looked;
      }
      expect(looked).toBeLessThanOrEqual(text.length + 128 * places.length);
    }),
    { seed: 5, numRuns: 500 },
  );
});
