export const FILTERS = ["include", "exclude", "begin", "section", "count"] as const;
export type FilterName = (typeof FILTERS)[number];

const MAX_PATTERN = 256;
const MAX_REPEATS = 3;

/** A command line cut at its pipe; `filter` is what stands behind it. */
export interface Piped {
  command: string;
  /** Null: no pipe. */
  filter: string | null;
}

/** Only commands that show something have a pipe; elsewhere the character is text. */
export function splitPipe(line: string, shows: RegExp): Piped {
  const at = shows.test(line) ? line.indexOf("|") : -1;
  if (at < 0) return { command: line, filter: null };
  return { command: line.slice(0, at), filter: line.slice(at + 1).trim() };
}

export type Filter =
  | { ok: true; apply: (lines: string[]) => string[] }
  | { ok: false; why: "unknown" | "incomplete" | "pattern"; word: string };

/** Compiles `include REGEX` and the like; the names may be shortened. */
export function compileFilter(text: string, known: readonly FilterName[]): Filter {
  const [, word = "", pattern = ""] = /^(\S*)\s*(.*)$/.exec(text) ?? [];
  const names = known.filter((name) => word !== "" && name.startsWith(word.toLowerCase()));
  const [name] = names;
  if (name === undefined || names.length > 1) return { ok: false, why: "unknown", word };
  if (pattern === "") return { ok: false, why: "incomplete", word };
  const regex = compilePattern(pattern);
  if (!regex) return { ok: false, why: "pattern", word: pattern };
  return { ok: true, apply: (lines) => APPLY[name](lines, regex) };
}

const APPLY: Record<FilterName, (lines: string[], regex: RegExp) => string[]> = {
  include: (lines, regex) => lines.filter((line) => regex.test(line)),
  exclude: (lines, regex) => lines.filter((line) => !regex.test(line)),
  begin(lines, regex) {
    const first = lines.findIndex((line) => regex.test(line));
    return first < 0 ? [] : lines.slice(first);
  },
  section,
  count: (lines, regex) => {
    const count = lines.filter((line) => regex.test(line)).length;
    return [`Number of lines which match regexp = ${count}`];
  },
};

/** Matching lines, each with the deeper lines below it. */
function section(lines: string[], regex: RegExp): string[] {
  let depth = -1;
  return lines.filter((line) => {
    const indent = line.length - line.trimStart().length;
    if (depth >= 0 && indent > depth) return true;
    depth = regex.test(line) ? indent : -1;
    return depth >= 0;
  });
}

/**
 * A device's regular expressions are a plain subset of JavaScript's, less `_`, which means any
 * delimiter. Patterns that could take for ever to match (a repeated group, many repeats) are refused
 * like broken ones.
 */
function compilePattern(pattern: string): RegExp | null {
  const repeats = pattern.match(/[*+{]/g)?.length ?? 0;
  if (pattern.length > MAX_PATTERN || repeats > MAX_REPEATS || /\)[*+?{]|\(\?/.test(pattern)) return null;
  try {
    return new RegExp(pattern.replaceAll("_", "(?:^|$|[ ,{}()])"));
  } catch {
    return null;
  }
}
