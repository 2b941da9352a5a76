import type { Fold } from "./case.ts";
import type { CharSet } from "./char-set.ts";

/** No upper bound of a repeat. */
export const UNBOUNDED = 2 ** 31 - 1;

export type Mode = "greedy" | "lazy" | "possessive";

/** Where a match is, without taking a character. */
export type Anchor =
  | "start"
  | "line-start"
  | "end"
  /** Also before the newline that ends the text: Python's `$`. */
  | "end-or-last-newline"
  | "line-end"
  | "boundary"
  | "no-boundary"
  | "ascii-boundary"
  | "no-ascii-boundary";

/** A parsed pattern; flags are resolved into what they change. */
export type Node =
  | { kind: "char"; set: CharSet }
  | { kind: "anchor"; anchor: Anchor }
  | { kind: "sequence"; nodes: Node[] }
  | { kind: "branch"; branches: Node[] }
  | { kind: "repeat"; min: number; max: number; mode: Mode; body: Node }
  | { kind: "group"; number: number; body: Node }
  | { kind: "atomic"; body: Node }
  /** `back`: how many characters before the place it begins. */
  | { kind: "look"; back: number; negative: boolean; body: Node }
  | { kind: "reference"; number: number; fold: Fold | null }
  | { kind: "conditional"; number: number; yes: Node; no: Node };

export interface Pattern {
  root: Node;
  /** How many groups capture, the whole match not counted. */
  groups: number;
  /** Numbers by name, in the order in which they are opened. */
  names: ReadonlyMap<string, number>;
}
