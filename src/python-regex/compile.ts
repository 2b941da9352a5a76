import type { CharSet } from "./char-set.ts";
import { RegexSyntaxError } from "./errors.ts";
import type { Instruction, Loop, Program } from "./program.ts";
import type { Node, Pattern } from "./tree.ts";

/** A pattern of such a length is no person's work. */
const MAX_INSTRUCTIONS = 100_000;

export function compilePattern(pattern: Pattern): Program {
  const compiler = new Compiler(pattern.groups);
  return compiler.program(pattern.root);
}

class Compiler {
  readonly #code: Instruction[] = [];
  readonly #loops: (readonly Loop[])[] = [];
  #around: readonly Loop[] = [];
  #loopCount = 0;
  readonly #groups: number;
  #memoizable = true;

  constructor(groups: number) {
    this.#groups = groups;
  }

  program(root: Node): Program {
    this.#node(root);
    this.#emit({ op: "save", register: 1 });
    this.#emit({ op: "accept" });
    return {
      code: this.#code,
      registers: 2 * (this.#groups + 1 + this.#loopCount),
      groups: this.#groups,
      loops: this.#loops,
      memoizable: this.#memoizable,
    };
  }

  #emit<I extends Instruction>(instruction: I): I {
    if (this.#code.length >= MAX_INSTRUCTIONS) throw new RegexSyntaxError("the pattern is too long", 0);
    this.#code.push(instruction);
    this.#loops.push(this.#around);
    return instruction;
  }

  get #here(): number {
    return this.#code.length;
  }

  #node(node: Node): void {
    switch (node.kind) {
      case "char":
        this.#emit({ op: "char", set: node.set });
        return;
      case "anchor":
        this.#emit({ op: "anchor", anchor: node.anchor });
        return;
      case "sequence":
        for (const each of node.nodes) this.#node(each);
        return;
      case "branch":
        this.#branch(node.branches);
        return;
      case "repeat":
        this.#repeat(node);
        return;
      case "group":
        this.#emit({ op: "save", register: 2 * node.number });
        this.#node(node.body);
        this.#emit({ op: "save", register: 2 * node.number + 1 });
        return;
      case "atomic":
        this.#inner("atomic", 0, node.body);
        return;
      case "look":
        this.#inner(node.negative ? "not-ahead" : "ahead", node.back, node.body);
        return;
      case "reference":
        this.#memoizable = false;
        this.#emit({ op: "reference", group: node.number, fold: node.fold });
        return;
      case "conditional":
        this.#conditional(node);
        return;
    }
  }

  #branch(branches: readonly Node[]): void {
    const jumps: { to: number }[] = [];
    for (const [index, branch] of branches.entries()) {
      const last = index === branches.length - 1;
      const split = last ? null : this.#emit({ op: "split", first: this.#here + 1, second: 0 });
      this.#node(branch);
      if (split === null) break;
      jumps.push(this.#emit({ op: "jump", to: 0 }));
      split.second = this.#here;
    }
    for (const jump of jumps) jump.to = this.#here;
  }

  #repeat(node: Node & { kind: "repeat" }): void {
    const { min, max, mode } = node;
    const set = singleSet(node.body);
    if (max === 0) return;
    if (set !== null) this.#emit({ op: "run", set, min, max, mode });
    else if (mode === "possessive") {
      this.#inner("atomic", 0, { ...node, mode: "greedy" });
    } else this.#loop(node);
  }

  #loop({ min, max, mode, body }: Node & { kind: "repeat" }): void {
    const loop = this.#loopCount++;
    const enter = this.#emit({ op: "enter", loop, to: 0 });
    const start = this.#here;
    const around = this.#around;
    this.#around = [...around, { index: loop, min, max }];
    this.#node(body);
    enter.to = this.#here;
    this.#emit({ op: "loop", loop, min, max, lazy: mode === "lazy", body: start });
    if (mode === "lazy") this.#wayBack(loop, max, start);
    this.#around = around;
  }

  #wayBack(loop: number, max: number, body: number): void {
    const skip = this.#emit({ op: "jump", to: 0 });
    this.#emit({ op: "again", loop, max, body });
    skip.to = this.#here;
  }

  #inner(purpose: "ahead" | "not-ahead" | "atomic", back: number, body: Node): void {
    const inner = this.#emit({ op: "inner", purpose, back, next: 0 });
    const around = this.#around;
    this.#around = [];
    this.#node(body);
    this.#emit({ op: "accept" });
    this.#around = around;
    inner.next = this.#here;
  }

  #conditional(node: Node & { kind: "conditional" }): void {
    this.#memoizable = false;
    const condition = this.#emit({ op: "condition", group: node.number, otherwise: 0 });
    this.#node(node.yes);
    const jump = this.#emit({ op: "jump", to: 0 });
    condition.otherwise = this.#here;
    this.#node(node.no);
    jump.to = this.#here;
  }
}

/** The set of a body that is exactly one character and captures nothing. */
function singleSet(node: Node): CharSet | null {
  if (node.kind === "char") return node.set;
  const [only] = node.kind === "sequence" ? node.nodes : [];
  return node.kind === "sequence" && node.nodes.length === 1 && only ? singleSet(only) : null;
}
