import fc from "fast-check";

/** Pieces of patterns, good and bad ones, put together so that most of them are valid. */
const ATOMS = [
  ..."aabbcx 1_-Kéſ",
  ".",
  "\\d",
  "\\w",
  "\\s",
  "\\S",
  "\\W",
  "\\D",
  "\\b",
  "\\B",
  "^",
  "$",
  "\\A",
  "\\Z",
  "[ab]",
  "[^a]",
  "[a-c1]",
  "[\\d_]",
  "[^\\s]",
  "[]x]",
  "[a\\-c]",
  "[k-s]",
  "[^\\W]",
  "\\x61",
  "\\u0031",
  "\\t",
  "\\.",
  "\\1",
  "\\2",
  "(?P=n)",
  "\\141",
];
const BROKEN = ["[", "\\", "(", ")", "*", "\\q", "(?", "(?P<", "[b-a]", "{2,1}", "(?<x>a)", "\\8", "(?i)"];
const QUANTIFIERS = ["", "", "", "", "?", "*", "+", "??", "*?", "+?", "{2}", "{,2}", "{1,3}?"];
const MORE_QUANTIFIERS = ["{1,}", "{0}", "{2,3}", "{,}", "{", "{a}"];
/** Not after groups: CPython 3.11.2 forgets to go back where the last round of a possessive group fails. */
const POSSESSIVE = ["*+", "?+", "++", "{1,2}+"];
const OPENERS = ["(", "(", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?a:", "(?-i:", "(?s-m:"];
const STRUCTURES = ["(?P<n>", "(?P<m>", "(?(1)", "(?x: ", "(?ms:", "(?ai:"];

const piece = (depth: number): fc.Arbitrary<string> =>
  depth === 0
    ? single
    : fc.oneof({ weight: 4, arbitrary: single }, { weight: 3, arbitrary: quantified(group(depth)) });

const atom: fc.Arbitrary<string> = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom(...ATOMS) },
  { weight: 1, arbitrary: fc.constantFrom(...BROKEN) },
);

const quantified = (
  piece: fc.Arbitrary<string>,
  more: readonly string[] = MORE_QUANTIFIERS,
): fc.Arbitrary<string> =>
  fc
    .tuple(
      piece,
      fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...QUANTIFIERS) },
        { weight: 1, arbitrary: fc.constantFrom(...more) },
      ),
    )
    .map(([piece, quantifier]) => piece + quantifier);

const single = quantified(atom, [...MORE_QUANTIFIERS, ...POSSESSIVE]);

const sequence = (depth: number): fc.Arbitrary<string> =>
  fc.array(piece(depth), { minLength: 0, maxLength: 4 }).map((pieces) => pieces.join(""));

const alternatives = (depth: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      { weight: 3, arbitrary: fc.tuple(sequence(depth)) },
      { weight: 1, arbitrary: fc.tuple(sequence(depth), sequence(depth)) },
    )
    .map((branches) => branches.join("|"));

const group = (depth: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...OPENERS, ...STRUCTURES), alternatives(depth - 1))
    .map(([open, body]) => `${open}${body})`);

export const patterns: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom("", "", "", "", "(?i)", "(?m)", "(?s)", "(?x)", "(?a)", "(?im)"), alternatives(3))
  .map(([flags, body]) => flags + body);

export const subjects: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(..."aaabbbccABCx11 _-KkKséſS\n\t²٣", "😀"), { maxLength: 12 })
  .map((chars) => chars.join(""));
