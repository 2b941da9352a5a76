import { Subject } from "../../python-regex/subject.ts";
import { withinBudget } from "../compile-regex.ts";
import type { Group, GroupRule } from "./group.ts";
import type { Candidate } from "./results.ts";
import { resultOf } from "./rule.ts";
import type { Scope } from "./scope.ts";

/** Matches by the place of the line break before their line. */
type Places = Map<number, Candidate[]>;

/** A text of which whole lines are matched. Each begins with a line break, the first one as well. */
export class Lines {
  readonly subject: Subject;
  /** Where line breaks are; the last one ends the last line. */
  readonly breaks: Int32Array;

  constructor(text: string) {
    this.subject = new Subject(`\n${text}\n`);
    const { codes } = this.subject;
    let count = 0;
    for (let at = 0; at < codes.length; at++) if (codes[at] === 10) count++;
    this.breaks = new Int32Array(count);
    for (let at = 0, next = 0; at < codes.length; at++) if (codes[at] === 10) this.breaks[next++] = at;
  }

  /** The number, from 0, of the first line whose break is at a place or behind it. */
  lineAt(place: number): number {
    let low = 0;
    let high = this.breaks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.breaks[middle] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Where the matches of a top group are, in the order of the text. */
export function matchGroup(group: Group, lines: Lines, scope: Scope): Candidate[][] {
  const places: Places = new Map();
  new Matching(lines, scope, places).group(group, 0, lines.subject.length);
  return [...places].sort(([a], [b]) => a - b).map(([, candidates]) => candidates);
}

class Matching {
  readonly #lines: Lines;
  readonly #scope: Scope;
  readonly #places: Places;

  constructor(lines: Lines, scope: Scope, places: Places) {
    this.#lines = lines;
    this.#scope = scope;
    this.#places = places;
  }

  /** A group is looked for in a part of the text: what is around it bounds it. */
  group(group: Group, from: number, to: number): void {
    const first = this.#first(group, from, to);
    if (first === null) {
      if (group.hasStartDefault) this.#defaultStart(group);
      for (const child of group.children) this.group(child, from, to);
      return;
    }
    const end = this.#end(group, first, to);
    for (const rule of group.others) this.#matches(rule, first, end);
    for (const child of group.children) this.group(child, first, end);
  }

  /** Where the first start is. */
  #first(group: Group, from: number, to: number): number | null {
    const spans = group.starts.map((rule) => this.#matches(rule, from, to)).filter((span) => span !== null);
    return spans.length === 0 ? null : Math.min(...spans.map(({ first }) => first));
  }

  /** Where the last end is; starts behind it do not count. */
  #end(group: Group, from: number, to: number): number {
    const spans = group.ends.map((rule) => this.#matches(rule, from, to)).filter((span) => span !== null);
    if (spans.length === 0) return to;
    this.#scope.meter.work(this.#places.size);
    const end = Math.max(...spans.map(({ last }) => last));
    for (const [place, candidates] of this.#places) {
      const left = candidates.filter(({ rule }) => rule.group !== group || place <= end);
      if (left.length === 0) this.#places.delete(place);
      else this.#places.set(place, left);
    }
    return end;
  }

  /** A record of defaults alone, behind all that is in the text. */
  #defaultStart(group: Group): void {
    let place = this.#lines.subject.length;
    while (this.#places.has(place)) place++;
    const rule = group.starts[0] ?? { action: "start" as const, group, isLine: false, join: "" };
    this.#places.set(place, [{ rule, result: new Map() }]);
  }

  /** Where the first match begins and the last one ends. */
  #matches(rule: GroupRule, from: number, to: number): { first: number; last: number } | null {
    const { breaks, subject } = this.#lines;
    const part = subject.part(from, to);
    let first: number | null = null;
    let last = from;
    for (let line = this.#lines.lineAt(from); line < breaks.length; line++) {
      const place = breaks[line] ?? 0;
      if (place >= to) break;
      // A regex of the template's own may have matched several lines.
      const end = place < last ? null : this.#match(rule, part, from, line);
      if (end === null) continue;
      first ??= place;
      last = end;
    }
    return first === null ? null : { first, last };
  }

  /** Where the match ends; null: the line does not match. */
  #match(rule: GroupRule, part: Subject, from: number, line: number): number | null {
    const place = this.#lines.breaks[line] ?? 0;
    const { budget } = this.#scope.meter;
    return withinBudget(rule.line, line + 1, () => {
      const found = rule.regex.matchAt(part, budget, place - from);
      if (found === null) return null;
      const result = resultOf(rule, found, this.#scope);
      const isStart = rule.action === "start" || rule.action === "start-empty";
      this.#scope.meter.match(result);
      if (result !== null || isStart) this.#keep(place, { rule, result });
      return from + found.to;
    });
  }

  #keep(place: number, candidate: Candidate): void {
    const before = this.#places.get(place);
    if (before === undefined) this.#places.set(place, [candidate]);
    else before.push(candidate);
  }
}
