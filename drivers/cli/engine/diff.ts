/** Unchanged lines that are shown around a change. */
const CONTEXT = 3;
/** More changes than this between two texts are shown as one: all of the old, then all of the new. */
const MAX_EDITS = 400;

/** A run of lines: `a` of the old text from `from`, `b` of the new. */
interface Change {
  at: number;
  removed: number;
  to: number;
  added: number;
}

/** What differs between two texts, as `diff -u` shows it, without its two lines of names; empty where nothing does. */
export function unifiedDiff(before: string, after: string): string {
  const [a, b] = [linesOf(before), linesOf(after)];
  return hunks(changesOf(a, b))
    .map((hunk) => hunkText(a, b, hunk))
    .join("");
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

function changesOf(a: readonly string[], b: readonly string[]): Change[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  const most = Math.min(a.length, b.length) - start;
  while (end < most && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const [removed, added] = [a.length - end - start, b.length - end - start];
  if (removed === 0 && added === 0) return [];
  const whole = { at: start, removed, to: start, added };
  if (removed === 0 || added === 0) return [whole];
  const edits = shortestEdits(a.slice(start, start + removed), b.slice(start, start + added));
  return edits?.map((each) => ({ ...each, at: each.at + start, to: each.to + start })) ?? [whole];
}

/** Myers' greedy algorithm; `null` where there are too many edits. */
function shortestEdits(a: readonly string[], b: readonly string[]): Change[] | null {
  const furthest = new Furthest();
  const trace: Furthest[] = [];
  for (let edits = 0; edits <= Math.min(MAX_EDITS, a.length + b.length); edits++) {
    trace.push(furthest.copy());
    for (let k = -edits; k <= edits; k += 2) {
      let x = comesFromAbove(furthest, k, edits) ? furthest.get(k + 1) : furthest.get(k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      furthest.set(k, x);
      if (x >= a.length && x - k >= b.length) return backtrack(trace, a.length, b.length);
    }
  }
  return null;
}

/** How far each diagonal reaches in the old text. */
class Furthest {
  readonly #reached: Int32Array;

  constructor(reached = new Int32Array(2 * MAX_EDITS + 3).fill(-1).fill(0, MAX_EDITS + 2, MAX_EDITS + 3)) {
    this.#reached = reached;
  }

  copy(): Furthest {
    return new Furthest(this.#reached.slice());
  }

  get(diagonal: number): number {
    return this.#reached[diagonal + MAX_EDITS + 1] ?? -1;
  }

  set(diagonal: number, reach: number): void {
    this.#reached[diagonal + MAX_EDITS + 1] = reach;
  }
}

function comesFromAbove(furthest: Furthest, k: number, edits: number): boolean {
  return k === -edits || (k !== edits && furthest.get(k - 1) < furthest.get(k + 1));
}

function backtrack(trace: readonly Furthest[], lengthA: number, lengthB: number): Change[] {
  const changes: Change[] = [];
  let [x, y] = [lengthA, lengthB];
  for (let edits = trace.length - 1; edits > 0; edits--) {
    const furthest = trace[edits] ?? new Furthest();
    const k = x - y;
    const before = comesFromAbove(furthest, k, edits) ? k + 1 : k - 1;
    const fromX = furthest.get(before);
    const fromY = fromX - before;
    prepend(
      changes,
      before > k
        ? { at: fromX, removed: 0, to: fromY, added: 1 }
        : { at: fromX, removed: 1, to: fromY, added: 0 },
    );
    [x, y] = [fromX, fromY];
  }
  return changes;
}

/** Edits that touch are one change. */
function prepend(changes: Change[], edit: Change): void {
  const [first] = changes;
  if (first !== undefined && edit.at + edit.removed === first.at && edit.to + edit.added === first.to) {
    changes[0] = {
      at: edit.at,
      removed: edit.removed + first.removed,
      to: edit.to,
      added: edit.added + first.added,
    };
  } else changes.unshift(edit);
}

/** Changes whose context touches are shown together. */
function hunks(changes: readonly Change[]): Change[][] {
  const found: Change[][] = [];
  for (const change of changes) {
    const last = found.at(-1)?.at(-1);
    if (last !== undefined && change.at - (last.at + last.removed) <= 2 * CONTEXT) found.at(-1)?.push(change);
    else found.push([change]);
  }
  return found;
}

function hunkText(a: readonly string[], b: readonly string[], changes: readonly Change[]): string {
  const [first] = changes;
  const last = changes.at(-1);
  if (first === undefined || last === undefined) return "";
  const from = Math.max(0, first.at - CONTEXT);
  const end = Math.min(a.length, last.at + last.removed + CONTEXT);
  const lines: string[] = [];
  let at = from;
  for (const change of changes) {
    for (const line of a.slice(at, change.at)) lines.push(` ${line}`);
    for (const line of a.slice(change.at, change.at + change.removed)) lines.push(`-${line}`);
    for (const line of b.slice(change.to, change.to + change.added)) lines.push(`+${line}`);
    at = change.at + change.removed;
  }
  for (const line of a.slice(at, end)) lines.push(` ${line}`);
  const fromB = first.to - (first.at - from);
  const sizeB = last.to + last.added + (end - last.at - last.removed) - fromB;
  return `@@ -${range(from, end - from)} +${range(fromB, sizeB)} @@\n${lines.join("\n")}\n`;
}

function range(from: number, size: number): string {
  const start = size === 0 ? from : from + 1;
  return size === 1 ? `${start}` : `${start},${size}`;
}
