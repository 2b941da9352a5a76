import { isAt } from "./anchor.ts";
import { type Fold, lower } from "./case.ts";
import { RegexBudgetError } from "./errors.ts";
import { Memo } from "./memo.ts";
import type { Instruction, Program } from "./program.ts";
import type { Subject } from "./subject.ts";
import { RESTORE, Trail } from "./trail.ts";

/** What all matches together may cost; each takes its steps off. */
export interface Budget {
  steps: number;
}

/** What attempts from one place after another have in common. */
export class Shared {
  /** Where one attempt has failed, the next one would. */
  memo: Memo | null = null;
  /** What they took without a memo, beyond what each place may. */
  steps = 0;
}

/** A match that takes more starts again with a memo, which costs more a step but bounds their number. */
const STEPS_WITHOUT_MEMO = 10_000;
/** What an attempt may take without counting as that: most fail sooner, and a search should not need a memo for them. */
const STEPS_AT_A_PLACE = 64;
/** What a match costs before its first step, so that many short ones are counted as well. */
const STEPS_TO_BEGIN = 16;
const FAIL = -1;

type Run = Instruction & { op: "run" };

/** They change nothing but what a match costs. */
export interface Thrift {
  stepsWithoutMemo?: number;
  memoEntries?: number;
}

/** Runs a program by trying and going back, in the order in which Python's `re` does. */
export class Machine {
  readonly #program: Program;
  readonly #registers: Int32Array;
  readonly #firstLoop: number;
  readonly #stepsWithoutMemo: number;
  readonly #memoEntries: number | undefined;
  readonly #trail = new Trail();
  #codes: Subject["codes"] = new Uint16Array();
  #memo: Memo | null = null;
  #from = 0;
  #advance = false;
  #place = 0;
  #steps = 0;

  constructor(program: Program, thrift: Thrift = {}) {
    this.#program = program;
    this.#stepsWithoutMemo = thrift.stepsWithoutMemo ?? STEPS_WITHOUT_MEMO;
    this.#memoEntries = thrift.memoEntries;
    this.#registers = new Int32Array(program.registers);
    this.#firstLoop = 2 * (program.groups + 1);
  }

  /**
   * Matches at one place of the subject, by default its beginning. The registers hold where groups begin and
   * end; -1: not at all. `advance` refuses an empty match, as Python does where the last match ended. `shared`: with
   * attempts that have failed at places before this one; what `advance` has refused there is behind.
   */
  match(
    subject: Subject,
    budget: Budget,
    from = 0,
    advance = false,
    shared = new Shared(),
  ): Int32Array | null {
    this.#codes = subject.codes;
    this.#memo = null;
    this.#from = from;
    this.#advance = advance;
    budget.steps = Math.max(0, budget.steps - STEPS_TO_BEGIN);
    if (shared.memo === null) {
      const before = budget.steps;
      const most = Math.max(0, this.#stepsWithoutMemo - shared.steps);
      const first = this.#attempt(Math.min(before, most), budget);
      shared.steps = Math.max(0, shared.steps + before - budget.steps - STEPS_AT_A_PLACE);
      if (first !== null) return first ? this.#registers : null;
    }
    if (budget.steps > 0) {
      shared.memo ??= Memo.for(this.#program, subject.codes, this.#memoEntries);
      this.#memo = shared.memo;
      const second = this.#attempt(budget.steps, budget);
      if (second !== null) return second ? this.#registers : null;
    }
    throw new RegexBudgetError("the regexes take too many steps");
  }

  /** The first place from `from` on where a match may begin, by what it begins with; null: there is none. */
  candidate(subject: Subject, budget: Budget, from: number): number | null {
    const { codes } = subject;
    const fits = this.#beginning(codes);
    let place = from;
    while (place <= codes.length && !fits(place)) place++;
    budget.steps = Math.max(0, budget.steps - ((place - from) >> 3));
    return place <= codes.length ? place : null;
  }

  #beginning(codes: Subject["codes"]): (place: number) => boolean {
    const first = this.#program.code.find(({ op }) => op !== "save");
    if (first?.op === "char" || (first?.op === "run" && first.min > 0)) {
      return (place) => place < codes.length && first.set.has(codes[place] ?? 0);
    }
    if (first?.op !== "anchor") return () => true;
    if (first.anchor === "start") return (place) => place === 0;
    return first.anchor === "line-start" ? (place) => place === 0 || codes[place - 1] === 10 : () => true;
  }

  /** Null when it did not come to an end. */
  #attempt(steps: number, budget: Budget): boolean | null {
    this.#registers.fill(-1);
    this.#registers[0] = this.#from;
    this.#trail.clear();
    this.#steps = steps;
    const matched = this.#run(0, this.#from);
    budget.steps -= steps - Math.max(0, this.#steps);
    return this.#steps < 0 ? null : matched;
  }

  /** Runs to an `accept`, which leaves where it was in `#place`, or until nothing is left to try. */
  #run(start: number, from: number): boolean {
    const base = this.#trail.size;
    const { code } = this.#program;
    let pc = start;
    this.#place = from;
    for (;;) {
      if (--this.#steps < 0) return false;
      if (pc === FAIL) {
        if (!this.#trail.pop(base)) return false;
        pc = this.#resume();
        continue;
      }
      const instruction = code[pc] as Instruction;
      if (instruction.op !== "accept") pc = this.#step(instruction, pc);
      else if (start === 0 && this.#advance && this.#place === this.#from) pc = FAIL;
      else return true;
    }
  }

  /** The place of the next instruction, or FAIL. */
  #step(instruction: Instruction, pc: number): number {
    const place = this.#place;
    switch (instruction.op) {
      case "char": {
        if (place >= this.#codes.length || !instruction.set.has(this.#codes[place] ?? 0)) return FAIL;
        this.#place = place + 1;
        return pc + 1;
      }
      case "run":
        return this.#runOf(instruction, pc);
      case "anchor":
        return isAt(this.#codes, instruction.anchor, place) ? pc + 1 : FAIL;
      case "split":
        if (!this.#isNew(pc)) return FAIL;
        this.#trail.push(instruction.second, place, 0);
        return instruction.first;
      case "jump":
        return instruction.to;
      case "save":
        this.#set(instruction.register, place);
        return pc + 1;
      case "enter":
        this.#set(this.#firstLoop + 2 * instruction.loop, -1);
        this.#set(this.#firstLoop + 2 * instruction.loop + 1, -1);
        return instruction.to;
      case "loop":
        return this.#loop(instruction, pc);
      case "again":
        return this.#again(instruction);
      case "inner":
        return this.#inner(instruction, pc);
      case "reference":
        return this.#reference(instruction.group, instruction.fold) ? pc + 1 : FAIL;
      case "condition":
        return (this.#registers[2 * instruction.group + 1] ?? -1) >= 0 ? pc + 1 : instruction.otherwise;
      case "accept":
        return pc;
    }
  }

  /** Goes back to the entry that the trail gave out. */
  #resume(): number {
    const { instruction, a, b } = this.#trail;
    if (instruction === RESTORE) {
      this.#registers[a] = b;
      return FAIL;
    }
    if (instruction < RESTORE) return this.#resumeRun(-2 - instruction, a, b);
    this.#place = a;
    const next = this.#program.code[instruction] as Instruction;
    return next.op === "again" && !this.#isNew(instruction) ? FAIL : instruction;
  }

  #set(register: number, value: number): void {
    this.#trail.push(RESTORE, register, this.#registers[register] ?? -1);
    this.#registers[register] = value;
  }

  #isNew(pc: number): boolean {
    return this.#memo === null || this.#memo.enter(pc, this.#place, this.#registers);
  }

  /** A repeated single character: one entry on the trail for all the places where it may end. */
  #runOf(run: Run, pc: number): number {
    const memo = this.#memo;
    if (memo !== null) return this.#isNew(pc) ? this.#rememberedRun(run, pc, memo) : FAIL;
    const { set, min, max, mode } = run;
    const codes = this.#codes;
    const from = this.#place;
    const most = Math.min(codes.length - from, mode === "lazy" ? min : max);
    if (most < min) return FAIL;
    let place = from;
    const end = from + most;
    while (place < end && set.has(codes[place] ?? 0)) place++;
    this.#steps -= (place - from) >> 3;
    if (place < from + min) return FAIL;
    this.#place = place;
    if (mode === "greedy" && place > from + min) this.#trail.push(-2 - pc, from + min, place - 1);
    if (mode === "lazy" && max > min) this.#trail.push(-2 - pc, place, Math.min(codes.length, from + max));
    return pc + 1;
  }

  /** One character fewer (greedy) or more (lazy) than the last time. */
  #resumeRun(pc: number, a: number, b: number): number {
    const run = this.#program.code[pc] as Run;
    if (this.#memo !== null) {
      return this.#leave(run, pc, this.#memo, a, b, run.mode === "greedy" && run.min === 0 ? a : FAIL);
    }
    if (run.mode === "greedy") {
      if (b > a) this.#trail.push(-2 - pc, a, b - 1);
      this.#place = b;
      return pc + 1;
    }
    if (a >= b || !run.set.has(this.#codes[a] ?? 0)) return FAIL;
    if (a + 1 < b) this.#trail.push(-2 - pc, a + 1, b);
    this.#place = a + 1;
    return pc + 1;
  }

  /** Here the trail has the places that are left, from the first to the last. */
  #rememberedRun(run: Run, pc: number, memo: Memo): number {
    const { set, min, max, mode } = run;
    const from = this.#place;
    const end = memo.stretches.end(set, from, from + max);
    this.#steps -= memo.stretches.looked >> 3;
    if (end < from + min) return FAIL;
    return this.#leave(run, pc, memo, mode === "possessive" ? end : from + min, end, from);
  }

  /** Leaves a run at a place from `a` to `b`. At `empty` it has taken nothing: who may come there, may leave there. */
  #leave(run: Run, pc: number, memo: Memo, a: number, b: number, empty: number): number {
    const registers = this.#registers;
    if (run.mode === "lazy") {
      const exit = a === empty ? a : memo.exit(pc, registers, "lazy", a, b);
      if (exit === null) return FAIL;
      if (exit < b) this.#trail.push(-2 - pc, exit + 1, b);
      this.#place = exit;
      return pc + 1;
    }
    const least = a === empty ? a + 1 : a;
    const taken = b < least ? null : memo.exit(pc, registers, "greedy", b, least);
    const exit = taken ?? (a === empty ? a : FAIL);
    if (exit === FAIL) return FAIL;
    if (exit > a) this.#trail.push(-2 - pc, a, exit - 1);
    this.#place = exit;
    return pc + 1;
  }

  /** Python's protection from endless loops: no round begins where the one before it began. */
  #loop({ loop, min, max, lazy, body }: Instruction & { op: "loop" }, pc: number): number {
    const register = this.#firstLoop + 2 * loop;
    const count = (this.#registers[register] ?? -1) + 1;
    this.#set(register, count);
    if (count < min) return this.#isNew(pc) ? body : FAIL;
    if (!this.#isNew(pc)) return FAIL;
    if (lazy) {
      this.#trail.push(pc + 2, this.#place, 0);
      return pc + 1;
    }
    if (count >= max || this.#registers[register + 1] === this.#place) return pc + 1;
    this.#trail.push(pc + 1, this.#place, 0);
    this.#set(register + 1, this.#place);
    return body;
  }

  #again({ loop, max, body }: Instruction & { op: "again" }): number {
    const register = this.#firstLoop + 2 * loop;
    if ((this.#registers[register] ?? 0) >= max || this.#registers[register + 1] === this.#place) return FAIL;
    this.#set(register + 1, this.#place);
    return body;
  }

  #inner({ purpose, back, next }: Instruction & { op: "inner" }, pc: number): number {
    const place = this.#place;
    if (place < back) return purpose === "not-ahead" ? next : FAIL;
    const memo = this.#memo;
    const part = memo?.part(pc) ?? null;
    const base = this.#trail.size;
    this.#memo = part;
    const matched = this.#run(pc + 1, place - back);
    this.#memo = memo;
    if (matched) part?.forget();
    if (this.#steps < 0) return FAIL;
    if (matched && purpose !== "not-ahead") this.#trail.commit(base);
    else if (matched) this.#undo(base);
    if (purpose !== "atomic") this.#place = place;
    return matched === (purpose !== "not-ahead") ? next : FAIL;
  }

  #undo(base: number): void {
    while (this.#trail.pop(base)) {
      if (this.#trail.instruction === RESTORE) this.#registers[this.#trail.a] = this.#trail.b;
    }
  }

  #reference(group: number, fold: Fold | null): boolean {
    const from = this.#registers[2 * group] ?? -1;
    const to = this.#registers[2 * group + 1] ?? -1;
    if (from < 0 || to < 0) return false;
    const codes = this.#codes;
    const place = this.#place;
    if (place + to - from > codes.length) return false;
    this.#steps -= (to - from) >> 3;
    for (let offset = 0; offset < to - from; offset++) {
      if (!same(codes[from + offset] ?? 0, codes[place + offset] ?? 0, fold)) return false;
    }
    this.#place = place + to - from;
    return true;
  }
}

function same(a: number, b: number, fold: Fold | null): boolean {
  return a === b || (fold !== null && lower(a, fold) === lower(b, fold));
}
