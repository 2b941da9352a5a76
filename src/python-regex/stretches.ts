import type { CharSet } from "./char-set.ts";
import type { Space } from "./number-set.ts";
import type { Subject } from "./subject.ts";

/** So many characters may be looked at again each time; one end is kept for them. */
const BLOCK = 64;
/** Ends take less memory than entries of sets. */
const ENDS_TO_AN_ENTRY = 8;
/** Where there is no space for ends, or no need. */
const NONE = new Int32Array();

/** How far characters of one set reach in a text: looked at once, from wherever it is asked. */
export class Stretches {
  readonly #codes: Subject["codes"];
  readonly #space: Space;
  /** For the beginning of each block, one more than where the stretch ends; 0: not known. */
  readonly #ends = new Map<CharSet, Int32Array>();
  /** At how many characters the last answer had to look. */
  looked = 0;

  constructor(codes: Subject["codes"], space: Space) {
    this.#codes = codes;
    this.#space = space;
  }

  /** The first place from `from` on whose character is not in the set, or `limit`. */
  end(set: CharSet, from: number, limit: number): number {
    const codes = this.#codes;
    const ends = limit - from <= BLOCK ? NONE : this.#endsOf(set);
    const to = ends === NONE ? Math.min(codes.length, limit) : codes.length;
    let place = from;
    let known = 0;
    while (place < to && set.has(codes[place] ?? 0)) {
      if (place % BLOCK === 0) known = ends[place / BLOCK] ?? 0;
      if (known > 0) break;
      place++;
    }
    this.looked = place - from;
    const end = known > 0 ? known - 1 : place;
    const first = Math.ceil(from / BLOCK);
    for (let block = first; block * BLOCK < place && block < ends.length; block++) ends[block] = end + 1;
    return Math.min(end, limit);
  }

  #endsOf(set: CharSet): Int32Array {
    const known = this.#ends.get(set);
    if (known !== undefined) return known;
    const blocks = Math.ceil(this.#codes.length / BLOCK);
    const entries = Math.ceil(blocks / ENDS_TO_AN_ENTRY);
    if (this.#space.entries < entries) return NONE;
    this.#space.entries -= entries;
    const ends = new Int32Array(blocks);
    this.#ends.set(set, ends);
    return ends;
  }
}
