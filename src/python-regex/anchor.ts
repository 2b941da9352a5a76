import { isWord } from "./char-set.ts";
import type { Subject } from "./subject.ts";
import type { Anchor } from "./tree.ts";

export function isAt(codes: Subject["codes"], anchor: Anchor, place: number): boolean {
  switch (anchor) {
    case "start":
      return place === 0;
    case "line-start":
      return place === 0 || codes[place - 1] === 10;
    case "end":
      return place === codes.length;
    case "end-or-last-newline":
      return place === codes.length || (place === codes.length - 1 && codes[place] === 10);
    case "line-end":
      return place === codes.length || codes[place] === 10;
    case "boundary":
    case "ascii-boundary":
      return codes.length > 0 && isBoundary(codes, place, anchor === "ascii-boundary");
    // Python's oddity: in an empty text neither \b nor \B matches.
    case "no-boundary":
    case "no-ascii-boundary":
      return codes.length > 0 && !isBoundary(codes, place, anchor === "no-ascii-boundary");
  }
}

function isBoundary(codes: Subject["codes"], place: number, ascii: boolean): boolean {
  const before = place > 0 && isWord(codes[place - 1] ?? 0, ascii);
  const after = place < codes.length && isWord(codes[place] ?? 0, ascii);
  return before !== after;
}
