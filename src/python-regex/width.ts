import { type Node, UNBOUNDED } from "./tree.ts";

/** The fewest and most characters that a node takes. */
export interface Width {
  min: number;
  max: number;
}

const NONE: Width = { min: 0, max: 0 };

/** `groups` has the widths of those that are closed, by number. */
export function widthOf(node: Node, groups: readonly (Width | null)[]): Width {
  const of = (inner: Node) => widthOf(inner, groups);
  switch (node.kind) {
    case "char":
      return { min: 1, max: 1 };
    case "anchor":
    case "look":
      return NONE;
    case "sequence":
      return node.nodes
        .map(of)
        .reduce((sum, width) => bounded(sum.min + width.min, sum.max + width.max), NONE);
    case "branch":
      return node.branches.map(of).reduce(either);
    case "repeat": {
      const { min, max } = of(node.body);
      return bounded(min * node.min, max * node.max);
    }
    case "group":
    case "atomic":
      return of(node.body);
    case "reference":
      return groups[node.number] ?? NONE;
    case "conditional":
      return either(of(node.yes), of(node.no));
  }
}

function either(a: Width, b: Width): Width {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

function bounded(min: number, max: number): Width {
  return { min: Math.min(min, UNBOUNDED - 1), max: Math.min(max, UNBOUNDED) };
}
