import type { Cursor } from "./cursor.ts";
import type { Node } from "./tree.ts";
import { type Width, widthOf } from "./width.ts";

/** The groups that a pattern has opened and closed so far, and who may refer to them. */
export class Groups {
  readonly names = new Map<string, number>();
  /** By number; null while a group is open. */
  readonly widths: (Width | null)[] = [null];
  /** Groups named by a condition before it is known whether they exist, with where. */
  readonly #awaited = new Map<number, number>();
  /** How many groups there were where the outermost lookbehind around begins. */
  #beforeLookbehind: number | null = null;

  get count(): number {
    return this.widths.length - 1;
  }

  open(cursor: Cursor, name: string | null): number {
    const number = this.widths.length;
    if (name !== null) {
      const other = this.names.get(name);
      if (other !== undefined) {
        cursor.fail(`redefinition of group name ${quote(name)} as group ${number}; was group ${other}`);
      }
      this.names.set(name, number);
    }
    this.widths.push(null);
    return number;
  }

  close(number: number, body: Node): void {
    this.widths[number] = widthOf(body, this.widths);
  }

  /** What a group refers to by name; it must be closed. */
  named(cursor: Cursor, name: string): number {
    checkName(cursor, name);
    const number = this.names.get(name);
    if (number === undefined) return cursor.fail(`unknown group name ${quote(name)}`);
    return number;
  }

  refer(cursor: Cursor, number: number): void {
    if (number > this.count) cursor.fail(`invalid group reference ${number}`);
    if (!this.#isClosed(number)) cursor.fail("cannot refer to an open group");
    this.checkLookbehind(cursor, number);
  }

  /** A condition may name a group that comes later. */
  await(cursor: Cursor, number: number): void {
    if (!this.#awaited.has(number)) this.#awaited.set(number, cursor.position);
  }

  checkAwaited(cursor: Cursor): void {
    for (const [number, position] of this.#awaited) {
      if (number > this.count) cursor.fail(`invalid group reference ${number}`, position);
    }
  }

  checkLookbehind(cursor: Cursor, number: number): void {
    if (this.#beforeLookbehind === null) return;
    if (!this.#isClosed(number)) cursor.fail("cannot refer to an open group");
    if (number > this.#beforeLookbehind) {
      cursor.fail("cannot refer to a group defined in the same lookbehind");
    }
  }

  /** Runs `parse` as the inside of a lookbehind. */
  insideLookbehind<T>(parse: () => T): T {
    const before = this.#beforeLookbehind;
    this.#beforeLookbehind ??= this.count;
    const parsed = parse();
    this.#beforeLookbehind = before;
    return parsed;
  }

  #isClosed(number: number): boolean {
    return (this.widths[number] ?? null) !== null;
  }
}

/** Python's `str.isidentifier`. */
const IDENTIFIER = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;

export function isName(text: string): boolean {
  return IDENTIFIER.test(text);
}

export function checkName(cursor: Cursor, name: string): void {
  if (!isName(name)) cursor.fail(`bad character in group name ${quote(name)}`);
}

export function quote(text: string): string {
  return `'${text}'`;
}
