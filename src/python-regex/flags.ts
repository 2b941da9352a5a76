import type { Fold } from "./case.ts";
import type { Cursor } from "./cursor.ts";

/** What inline flags change, `(?aimsx)`. */
export interface Flags {
  ascii: boolean;
  ignoreCase: boolean;
  multiline: boolean;
  dotAll: boolean;
  verbose: boolean;
}

export const NO_FLAGS: Flags = {
  ascii: false,
  ignoreCase: false,
  multiline: false,
  dotAll: false,
  verbose: false,
};

/** `u` stands for the default. */
const BY_LETTER: Readonly<Record<string, keyof Flags | "unicode">> = {
  a: "ascii",
  i: "ignoreCase",
  m: "multiline",
  s: "dotAll",
  u: "unicode",
  x: "verbose",
};

export function foldOf(flags: Flags): Fold | null {
  if (!flags.ignoreCase) return null;
  return flags.ascii ? "ascii" : "unicode";
}

export function isFlag(token: string): boolean {
  return token === "-" || token === "L" || token in BY_LETTER;
}

/** Inline flags once applied: to the whole pattern, `(?i)`, or to the group that they open, `(?i:`. */
export interface FlagChange {
  flags: Flags;
  global: boolean;
}

/** Reads from the token after `(?`, which is taken already, to the parenthesis or colon that ends the flags. */
export function readFlags(cursor: Cursor, first: string, current: Flags): FlagChange {
  const on = new Set<string>();
  let token: string | null = first;
  while (token !== "-" && token !== ":" && token !== ")") {
    on.add(known(cursor, token));
    if (on.has("a") && on.has("u")) cursor.fail("bad inline flags: flags 'a' and 'u' are incompatible");
    token = cursor.take();
  }
  if (token === ")") return { flags: change(current, on, new Set()), global: true };
  const off = new Set<string>();
  if (token === "-") {
    token = cursor.take();
    do {
      const letter = known(cursor, token);
      if (letter === "a" || letter === "u")
        cursor.fail("bad inline flags: cannot turn off flags 'a' and 'u'");
      off.add(letter);
      token = cursor.take();
    } while (token !== ":");
  }
  if ([...on].some((letter) => off.has(letter))) cursor.fail("bad inline flags: flag turned on and off");
  return { flags: change(current, on, off), global: false };
}

function known(cursor: Cursor, token: string | null): string {
  if (token === "L") return cursor.fail("bad inline flags: cannot use 'L' flag with a text pattern");
  if (token !== null && token in BY_LETTER) return token;
  return cursor.fail(
    token !== null && /^\p{L}$/u.test(token) ? "unknown flag" : "missing flag, colon or parenthesis",
  );
}

function change(flags: Flags, on: ReadonlySet<string>, off: ReadonlySet<string>): Flags {
  const changed = { ...flags };
  for (const letter of on) set(changed, letter, true);
  for (const letter of off) set(changed, letter, false);
  return changed;
}

function set(flags: Flags, letter: string, value: boolean): void {
  const name = BY_LETTER[letter];
  if (name === "unicode") flags.ascii = false;
  else if (name !== undefined) flags[name] = value;
}
