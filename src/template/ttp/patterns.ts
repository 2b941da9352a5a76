import { TemplateError } from "../../core/errors.ts";
import { compileRegex } from "../compile-regex.ts";
import type { Dict } from "./values.ts";

/** What the names of TTP's patterns stand for. */
const PATTERNS: Readonly<Record<string, string>> = {
  WORD: "\\S+",
  PHRASE: "(?:\\S+ )+?\\S+",
  ORPHRASE: "\\S+|(?:\\S+ )+?\\S+",
  ROW: "(?:\\S+ +)+?\\S+",
  DIGIT: "\\d+",
  IP: "[0-9]{1,3}(?:\\.[0-9]{1,3}){3}",
  PREFIX: "[0-9]{1,3}(?:\\.[0-9]{1,3}){3}/[0-9]{1,2}",
  IPV6: "(?:[0-9a-fA-F]{0,4}:){1,7}(?:[0-9a-fA-F]{1,4}|:)?",
  PREFIXV6: "(?:[0-9a-fA-F]{0,4}:){1,7}(?:[0-9a-fA-F]{1,4}|:)?/[0-9]{1,3}",
  MAC: "(?:[0-9a-fA-F]{2}[:.]){5}[0-9a-fA-F]{2}|(?:[0-9a-fA-F]{4}[:.]){2}[0-9a-fA-F]{4}",
  _line_: ".+",
};

export function isPattern(name: string): boolean {
  return Object.hasOwn(PATTERNS, name);
}

export function patternOf(name: string): string {
  return (isPattern(name) ? PATTERNS[name] : undefined) ?? name;
}

/** A variable of the template, a pattern by its name, or a regex itself; checked to stand alone. */
export function resolvePattern(name: string, vars: Dict, line: number): string {
  const known = vars.get(name);
  if (known !== undefined && typeof known !== "string") {
    throw new TemplateError(`the variable ${name} is no regex`, { line });
  }
  const pattern = known ?? patternOf(name);
  if (compileRegex(pattern, line).names.length > 0) {
    throw new TemplateError("a regex has no named groups: the match variable names what it finds", { line });
  }
  return pattern;
}
