import { RegexBudgetError } from "./errors.ts";

/** 32 MiB: some 2,700,000 open choices. */
const MAX_WORDS = 8 * 1024 ** 2;
const WORDS = 3;
/**
 * In place of an instruction: this entry only gives a register its value back. What is below it stands for a
 * run that can end elsewhere, by -2 less its instruction.
 */
export const RESTORE = -1;

/**
 * What a match can go back to, newest last: choices not yet tried, and register values that were
 * overwritten since. An array of our own, not recursion: a long line must not exhaust the stack.
 */
export class Trail {
  #words = new Int32Array(1024);
  #size = 0;
  /** The entry taken last. */
  instruction = 0;
  a = 0;
  b = 0;

  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#size = 0;
  }

  push(instruction: number, a: number, b: number): void {
    const at = this.#size;
    if (at + WORDS > this.#words.length) this.#grow();
    const words = this.#words;
    words[at] = instruction;
    words[at + 1] = a;
    words[at + 2] = b;
    this.#size = at + WORDS;
  }

  /** False when nothing is left above `base`. */
  pop(base: number): boolean {
    if (this.#size <= base) return false;
    this.#size -= WORDS;
    const at = this.#size;
    this.instruction = this.#words[at] ?? 0;
    this.a = this.#words[at + 1] ?? 0;
    this.b = this.#words[at + 2] ?? 0;
    return true;
  }

  /** Gives up the choices above `base`, but not what restores registers should all that be undone. */
  commit(base: number): void {
    const words = this.#words;
    let to = base;
    for (let from = base; from < this.#size; from += WORDS) {
      if (words[from] !== RESTORE) continue;
      if (from !== to) words.copyWithin(to, from, from + WORDS);
      to += WORDS;
    }
    this.#size = to;
  }

  #grow(): void {
    if (this.#words.length >= MAX_WORDS) throw new RegexBudgetError("the regex keeps too many choices open");
    const grown = new Int32Array(this.#words.length * 2);
    grown.set(this.#words);
    this.#words = grown;
  }
}
