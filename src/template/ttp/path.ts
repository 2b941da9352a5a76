import { TemplateError } from "../../core/errors.ts";

/** A step of where results go. */
export interface PathItem {
  /** As it is written. */
  text: string;
  /** Its name in parts: texts, and variables whose values are put in. */
  parts: readonly (string | { variable: string })[];
  /** `*`: what is below is a list; `**`: a dictionary. */
  below: "any" | "list" | "dictionary";
  /** `_`: no step at all. */
  isNull: boolean;
}

export type Path = readonly PathItem[];

/** Deeper results would exhaust the stack of whoever writes them as JSON. */
const MAX_LENGTH = 50;

/** The items that a name has, separated by the template's path character. */
export function parsePath(name: string, separator: string, line: number | null): Path {
  const items = name.split(separator).map((text) => parseItem(text.trim(), line));
  if (items.length > MAX_LENGTH)
    throw new TemplateError(`a path has more than ${MAX_LENGTH} items`, { line });
  return items;
}

export function checkLength(path: Path, line: number | null): Path {
  if (path.length > MAX_LENGTH) throw new TemplateError(`a path has more than ${MAX_LENGTH} items`, { line });
  return path;
}

function parseItem(text: string, line: number | null): PathItem {
  const [, name = "", stars = ""] = /^([\s\S]*?[^*])(\**)$/.exec(text) ?? [];
  if (name === "" || stars.length > 2) {
    throw new TemplateError(`the path item "${text}" is not valid; give a name, with * or ** behind it`, {
      line,
    });
  }
  const parts = partsOf(name);
  if (parts.some((part) => typeof part === "string" && /\{\{|\}\}/.test(part))) {
    throw new TemplateError(`the path item "${text}" has a {{ or }} that stands alone`, { line });
  }
  const below = stars === "" ? "any" : stars === "*" ? "list" : "dictionary";
  return { text, parts, below, isNull: text === "_" };
}

function partsOf(name: string): PathItem["parts"] {
  return name
    .split(/(\{\{\s*[^\s{}]+\s*\}\})/)
    .filter((part) => part !== "")
    .map((part) => {
      const variable = /^\{\{\s*([^\s{}]+)\s*\}\}$/.exec(part)?.[1];
      return variable === undefined ? part : { variable };
    });
}

export function startsWith(path: Path, prefix: Path): boolean {
  return prefix.every(({ text }, at) => path[at]?.text === text);
}

export function isSamePath(a: Path, b: Path): boolean {
  return a.length === b.length && startsWith(a, b);
}
