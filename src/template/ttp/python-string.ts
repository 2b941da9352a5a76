import { CONTROLS } from "../../python-regex/escapes.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  ...CONTROLS,
  "\n": "",
  "'": "'",
  '"': '"',
};

const STRING =
  /(?<prefix>[a-zA-Z]{0,2})(?:"""(?<a>(?:\\[\s\S]|[^\\])*?)"""|'''(?<b>(?:\\[\s\S]|[^\\])*?)'''|"(?<c>(?:\\[\s\S]|[^"\\\n])*)"|'(?<d>(?:\\[\s\S]|[^'\\\n])*)')/y;
const ESCAPE = /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g;

/** A string of Python at a place of a text, with where it ends; null where none begins there. */
export function readPythonString(text: string, at: number): { value: string; end: number } | null {
  STRING.lastIndex = at;
  const groups = STRING.exec(text)?.groups;
  if (groups === undefined) return null;
  const end = STRING.lastIndex;
  const body = groups.a ?? groups.b ?? groups.c ?? groups.d ?? "";
  switch (groups.prefix?.toLowerCase()) {
    case "":
    case "u":
      return { value: unescaped(body), end };
    case "r":
      return { value: body, end };
    default:
      return null;
  }
}

/** A letter that means nothing keeps its backslash, so that regexes need not double theirs. */
function unescaped(body: string): string {
  return body.replace(ESCAPE, (whole, octal?: string, ...rest: (string | undefined)[]) => {
    const [hex, short, long, char] = rest;
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    const digits = hex ?? short ?? long;
    if (digits === undefined) return ESCAPES[char ?? ""] ?? whole;
    const code = Number.parseInt(digits, 16);
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
}
