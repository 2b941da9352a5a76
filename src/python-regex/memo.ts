import { FreeNumbers, NumberSet, type Space } from "./number-set.ts";
import type { Loop, Program } from "./program.ts";
import { Stretches } from "./stretches.ts";
import type { Subject } from "./subject.ts";
import { UNBOUNDED } from "./tree.ts";

/** Some 50 MiB. What comes later is tried again each time, as far as the budget goes. */
const MAX_ENTRIES = 1_000_000;
/** No loop's round has begun there. */
const NOWHERE = -2;

/** What the memos of a match and of its parts have in common. */
interface Ground {
  program: Program;
  /** Where the keys of each instruction begin. */
  firstKeys: readonly number[];
  /** How many places there are. */
  places: number;
  space: Space;
  stretches: Stretches;
  /** By the instruction where the part begins. */
  parts: Map<number, Memo>;
}

/**
 * Where a match has been without success: from the same instruction and place, in the same rounds of the
 * loops around, it would fail again. With it the work of a match grows with the text's length times the rounds
 * that are counted, and not as two to the power of it.
 */
export class Memo {
  readonly #ground: Ground;
  readonly #seen: NumberSet;
  readonly #exits: { greedy: FreeNumbers; lazy: FreeNumbers };

  private constructor(ground: Ground) {
    this.#ground = ground;
    this.#seen = new NumberSet(ground.space);
    this.#exits = {
      greedy: new FreeNumbers(ground.space, "down"),
      lazy: new FreeNumbers(ground.space, "up"),
    };
  }

  /** Null where a pattern cannot be helped that way. */
  static for(program: Program, codes: Subject["codes"], entries = MAX_ENTRIES): Memo | null {
    if (!program.memoizable) return null;
    const places = codes.length + 1;
    const firstKeys: number[] = [];
    let keys = 0;
    for (const around of program.loops) {
      firstKeys.push(keys);
      keys += around.reduce((product, loop) => product * 2 * rounds(loop), places);
    }
    if (keys >= Number.MAX_SAFE_INTEGER) return null;
    const space = { entries };
    return new Memo({
      program,
      firstKeys,
      places,
      space,
      stretches: new Stretches(codes, space),
      parts: new Map(),
    });
  }

  get stretches(): Stretches {
    return this.#ground.stretches;
  }

  /**
   * The one for a part that is tried on its own: there, success ends the part and not the match. It knows
   * where the part has failed before; a part that succeeds leaves some of its ways untried, and must `forget`.
   */
  part(instruction: number): Memo {
    const { parts } = this.#ground;
    const known = parts.get(instruction) ?? new Memo(this.#ground);
    parts.set(instruction, known);
    return known;
  }

  forget(): void {
    this.#seen.clear();
    this.#exits.greedy.clear();
    this.#exits.lazy.clear();
  }

  /** True the first time that a match comes here. */
  enter(instruction: number, place: number, registers: Int32Array): boolean {
    return this.#seen.add(this.#keys(instruction, registers, place) + place);
  }

  /**
   * The first place, of those from `first` to `last`, where no match has left a run yet; null: there is none. Where the
   * run began does not matter, so long as that was before: then no loop around has begun a round at this place.
   */
  exit(instruction: number, registers: Int32Array, mode: "greedy" | "lazy", first: number, last: number) {
    const exits = this.#exits[mode];
    const keys = this.#keys(instruction, registers, NOWHERE);
    const key = exits.first(keys + first, keys + last);
    if (key === null) return null;
    exits.add(key);
    return key - keys;
  }

  /** Where the keys of an instruction begin in the present rounds. */
  #keys(instruction: number, registers: Int32Array, place: number): number {
    const { program, firstKeys, places } = this.#ground;
    let context = 0;
    for (const loop of program.loops[instruction] ?? []) {
      const register = 2 * (program.groups + 1 + loop.index);
      const round = Math.min((registers[register] ?? -1) + 1, rounds(loop) - 1);
      const empty = registers[register + 1] === place ? 1 : 0;
      context = (context * rounds(loop) + round) * 2 + empty;
    }
    return (firstKeys[instruction] ?? 0) + context * places;
  }
}

/** In how many ways a loop can go on: by its count, until that no longer matters. */
function rounds({ min, max }: Loop): number {
  return (max === UNBOUNDED ? min : max) + 2;
}
