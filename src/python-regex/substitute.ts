import { RegexSyntaxError } from "./errors.ts";
import { CONTROLS } from "./escapes.ts";
import type { Budget, Found, PythonRegex } from "./regex.ts";
import type { Subject } from "./subject.ts";

/** A piece of a replacement: text, or the number of a group. */
type Piece = string | number;

export interface Substitution {
  /** As Python's templates: `\1`, `\g<1>`, `\g<name>`, `\n` and the like. */
  replacement: string;
  /** At most so many; 0: all. */
  count: number;
  /** The result may not be longer. */
  limit: number;
}

/** Python's `re.sub`; null when the result would be longer than the limit. Throws `RegexSyntaxError`. */
export function substitute(
  regex: PythonRegex,
  subject: Subject,
  { replacement, count, limit }: Substitution,
  budget: Budget,
): string | null {
  const pieces = readReplacement(replacement, regex);
  const parts: string[] = [];
  let length = 0;
  let done = 0;
  let at = 0;
  const add = (text: string) => {
    parts.push(text);
    length += text.length;
    return length <= limit;
  };
  for (const found of regex.findAll(subject, budget)) {
    if (!add(subject.slice(at, found.from)) || !add(filled(pieces, found))) return null;
    at = found.to;
    if (++done === count) break;
  }
  return add(subject.slice(at, subject.length)) ? parts.join("") : null;
}

function filled(pieces: readonly Piece[], { groups }: Found): string {
  return pieces.map((piece) => (typeof piece === "string" ? piece : (groups[piece] ?? ""))).join("");
}

function readReplacement(text: string, regex: PythonRegex): Piece[] {
  const pieces: Piece[] = [];
  const escapes = /\\(?:g<([^>]*)>|(0[0-7]{0,2}|[1-3][0-7]{2})|([1-9][0-9]?)|([\s\S]?))/g;
  let at = 0;
  for (let found = escapes.exec(text); found !== null; found = escapes.exec(text)) {
    const [whole, name, octal, number, char] = found;
    if (found.index > at) pieces.push(text.slice(at, found.index));
    at = found.index + whole.length;
    if (name !== undefined) pieces.push(groupOf(name, regex, found.index));
    else if (octal !== undefined) pieces.push(String.fromCharCode(Number.parseInt(octal, 8)));
    else if (number !== undefined) pieces.push(groupOf(number, regex, found.index));
    else pieces.push(escapeOf(char ?? "", found.index));
  }
  pieces.push(text.slice(at));
  return pieces;
}

function groupOf(name: string, regex: PythonRegex, position: number): number {
  const number = /^[0-9]{1,9}$/.test(name) ? Number(name) : regex.numberOf(name);
  if (number === null || number > regex.groups)
    throw new RegexSyntaxError("invalid group reference", position);
  return number;
}

/** Letters are kept for Python; what is no letter stands for itself, with its backslash. */
function escapeOf(char: string, position: number): string {
  const known = CONTROLS[char];
  if (known !== undefined) return known;
  if (char === "" || /^[a-zA-Z]$/.test(char)) throw new RegexSyntaxError(`bad escape \\${char}`, position);
  return `\\${char}`;
}
