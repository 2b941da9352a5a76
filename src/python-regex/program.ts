import type { Fold } from "./case.ts";
import type { CharSet } from "./char-set.ts";
import type { Anchor } from "./tree.ts";

/** What the machine does at one place; it then goes to the next unless told otherwise. */
export type Instruction =
  /** Take one character of the set. */
  | { op: "char"; set: CharSet }
  /** Take `min` to `max` characters of the set. */
  | { op: "run"; set: CharSet; min: number; max: number; mode: "greedy" | "lazy" | "possessive" }
  | { op: "anchor"; anchor: Anchor }
  /** Go to `first`; if that fails, to `second`. */
  | { op: "split"; first: number; second: number }
  | { op: "jump"; to: number }
  /** Note the place in a register. */
  | { op: "save"; register: number }
  /** Enter a loop, whose `loop` op stands at `to`. */
  | { op: "enter"; loop: number; to: number }
  /** Decide whether to go through the body again, at `body`, or on, at the next place. */
  | { op: "loop"; loop: number; min: number; max: number; lazy: boolean; body: number }
  /** A lazy loop's way back into its body, once what follows it has failed. */
  | { op: "again"; loop: number; max: number; body: number }
  /** Try what follows up to its `accept`, from `back` characters before; go on at `next`. */
  | { op: "inner"; purpose: "ahead" | "not-ahead" | "atomic"; back: number; next: number }
  | { op: "accept" }
  | { op: "reference"; group: number; fold: Fold | null }
  /** Go on if the group has matched, else to `otherwise`. */
  | { op: "condition"; group: number; otherwise: number };

export interface Loop {
  index: number;
  min: number;
  max: number;
}

export interface Program {
  code: readonly Instruction[];
  /** Two for each group, the whole match as group 0 first; then two for each loop. */
  registers: number;
  groups: number;
  /** For each instruction, the loops that it is in the body of, or decides on; inside an `inner`, those of that part. */
  loops: readonly (readonly Loop[])[];
  /** Nothing in it asks what a group has matched: the rest of a match depends on the place alone. */
  memoizable: boolean;
}
