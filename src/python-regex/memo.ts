import type { Loop, Program } from "./program.ts";
import { UNBOUNDED } from "./tree.ts";

/** Some 50 MiB. What comes later is tried again each time, as far as the budget goes. */
const MAX_ENTRIES = 1_000_000;

/**
 * Where a match has been without success: from the same instruction and place, in the same rounds of the
 * loops around, it would fail again. With it the work of a match grows with a power of the text's length
 * (the square, for most patterns that need it), and not as two to the power of it.
 */
export class Memo {
  readonly #program: Program;
  /** Where the keys of each instruction begin. */
  readonly #firstKeys: readonly number[];
  readonly #seen = new Set<number>();

  private constructor(program: Program, firstKeys: readonly number[]) {
    this.#program = program;
    this.#firstKeys = firstKeys;
  }

  /** Null where a pattern cannot be helped that way. */
  static for(program: Program, length: number): Memo | null {
    if (!program.memoizable) return null;
    const firstKeys: number[] = [];
    let keys = 0;
    for (const around of program.loops) {
      firstKeys.push(keys);
      keys += around.reduce((product, loop) => product * 2 * rounds(loop), length + 1);
    }
    return keys < Number.MAX_SAFE_INTEGER ? new Memo(program, firstKeys) : null;
  }

  /** One for a part that is tried on its own: there, success ends the part and not the match. */
  fresh(): Memo {
    return new Memo(this.#program, this.#firstKeys);
  }

  /** True the first time that a match comes here. */
  enter(instruction: number, place: number, registers: Int32Array): boolean {
    let key = place;
    for (const loop of this.#program.loops[instruction] ?? []) {
      const register = 2 * (this.#program.groups + 1 + loop.index);
      const round = Math.min((registers[register] ?? -1) + 1, rounds(loop) - 1);
      const empty = registers[register + 1] === place ? 1 : 0;
      key = (key * rounds(loop) + round) * 2 + empty;
    }
    key += this.#firstKeys[instruction] ?? 0;
    if (this.#seen.has(key)) return false;
    if (this.#seen.size < MAX_ENTRIES) this.#seen.add(key);
    return true;
  }
}

/** In how many ways a loop can go on: by its count, until that no longer matters. */
function rounds({ min, max }: Loop): number {
  return (max === UNBOUNDED ? min : max) + 2;
}
