import type { Category, SetItem } from "./char-set.ts";
import type { Cursor } from "./cursor.ts";

/** What a backslash and one of these stand for, in Python's regexes, their replacements, and its strings. */
export const CONTROLS: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

const CATEGORIES: Readonly<Record<string, Category>> = { d: "digit", s: "space", w: "word" };

const HEX = /^[0-9A-Fa-f]$/;
const OCTAL = /^[0-7]$/;
export const DIGIT = /^[0-9]$/;

/** `\d`, `\S` and their like; null for other escapes. */
export function categoryOf(token: string, ascii: boolean): SetItem | null {
  const letter = token.slice(1);
  const category = CATEGORIES[letter.toLowerCase()];
  if (token.length !== 2 || category === undefined || !token.startsWith("\\")) return null;
  return { kind: "category", category, negated: letter !== letter.toLowerCase(), ascii };
}

/** The character that an escape inside `[…]` stands for. */
export function classEscape(cursor: Cursor, token: string): number {
  const control = controlCode(token);
  if (control !== undefined) return control;
  const letter = token.slice(1);
  if (OCTAL.test(letter)) return octal(cursor, letter + cursor.takeWhile(2, OCTAL));
  return charEscape(cursor, token);
}

export type Escape = { kind: "char"; code: number } | { kind: "reference"; number: number };

/** An escape outside `[…]` that is no category and no anchor. */
export function readEscape(cursor: Cursor, token: string): Escape {
  const control = controlCode(token);
  if (control !== undefined) return { kind: "char", code: control };
  const letter = token.slice(1);
  if (letter === "0") return { kind: "char", code: Number.parseInt(`0${cursor.takeWhile(2, OCTAL)}`, 8) };
  if (DIGIT.test(letter)) return octalOrReference(cursor, letter);
  return { kind: "char", code: charEscape(cursor, token) };
}

function controlCode(token: string): number | undefined {
  return token.startsWith("\\") ? CONTROLS[token.slice(1)]?.charCodeAt(0) : undefined;
}

/** Three octal digits are a character, fewer a group's number. */
function octalOrReference(cursor: Cursor, first: string): Escape {
  const digits = first + cursor.takeWhile(1, DIGIT);
  if (/^[0-7]{2}$/.test(digits) && cursor.next !== null && OCTAL.test(cursor.next)) {
    return { kind: "char", code: octal(cursor, digits + cursor.take()) };
  }
  return { kind: "reference", number: Number(digits) };
}

function octal(cursor: Cursor, digits: string): number {
  const code = Number.parseInt(digits, 8);
  if (code > 0o377) cursor.fail(`octal escape value \\${digits} outside of range 0-0o377`);
  return code;
}

const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function charEscape(cursor: Cursor, token: string): number {
  const letter = token.slice(1);
  const length = HEX_DIGITS[letter];
  if (length !== undefined) return hexadecimal(cursor, token, length);
  if (letter === "N") cursor.fail("\\N{…} is not supported; write the character or \\uXXXX");
  if (/^[0-9A-Za-z]$/.test(letter)) cursor.fail(`bad escape ${token}`);
  return letter.codePointAt(0) ?? cursor.fail(`bad escape ${token}`);
}

function hexadecimal(cursor: Cursor, token: string, length: number): number {
  const digits = cursor.takeWhile(length, HEX);
  if (digits.length !== length) cursor.fail(`incomplete escape ${token}${digits}`);
  const code = Number.parseInt(digits, 16);
  if (code > 0x10ffff) cursor.fail(`bad escape ${token}${digits}`);
  return code;
}
