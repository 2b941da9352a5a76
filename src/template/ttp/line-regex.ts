import { TemplateError } from "../../core/errors.ts";
import type { Line } from "./line.ts";
import type { Variable } from "./variable.ts";

/** A line of the text ends here: blanks at its end do not count. */
const END = "[\\t ]*(?=\\n)";

/** The regex of a line, and what its groups capture: the variable at place n has the group `v{n}`. */
export interface LineRegex {
  pattern: string;
  captures: Variable[];
}

/** It begins with the line break before the line, so that it matches whole lines of a text. */
export function regexOf(line: Line): LineRegex {
  const captures: Variable[] = [];
  let pattern = `\\n${line.indent}`;
  for (const part of line.parts) {
    if (typeof part === "string") pattern += textRegex(part, line);
    else if (part.kind === "ignore") pattern += `(?:${part.regex})`;
    else if (part.kind === "capture" && part.set === null) {
      pattern += `(?P<v${captures.length}>${part.regex})`;
      captures.push(part);
    } else if (part.kind !== "exact") return { pattern: pattern.replace(/(?:\\ \+?)+$/, "") + END, captures };
  }
  return { pattern: pattern + END, captures };
}

/** Runs of blanks match runs of any length, and numbers any number, unless the line is exact. */
function textRegex(text: string, { isExact, isExactSpace }: Line): string {
  const quoted = text.replace(/[\\^$.*+?()[\]{}|#&~\s-]/g, "\\$&");
  const spaced = isExactSpace ? quoted : quoted.replace(/(?:\\ )+/g, "\\ +");
  return isExact ? spaced : spaced.replace(/\p{Nd}+/gu, "\\d+");
}

/** Names of columns, with the width of each; the last one has none. */
export function columnsOf({ parts, indent, number }: Line): { name: string; width: number }[] {
  const [heads] = parts;
  if (typeof heads !== "string" || parts.slice(1).some((part) => typeof part === "string")) {
    throw new TemplateError(
      "{{ _headers_ }} stands behind the heads of a table's columns, and nothing behind it",
      {
        line: number,
      },
    );
  }
  const text = `${indent}${heads}`.replaceAll("\t", "    ").trimEnd();
  const columns = [...text.matchAll(/\s*(\S+)\s*/g)].map(([whole, name = ""]) => ({
    name,
    width: whole.length,
  }));
  const names = columns.map(({ name }) => name);
  if (
    columns.length < 2 ||
    new Set(names).size < names.length ||
    !names.every((name) => /^[\p{L}_]\w*$/u.test(name))
  ) {
    throw new TemplateError("the heads of a table are two or more different names of letters, digits and _", {
      line: number,
    });
  }
  return columns;
}

/**
 * Rows of a table with columns of fixed width. The first `required` columns must be there, the last of them
 * perhaps shorter; the others may be missing.
 */
export function headersRegex(columns: readonly { width: number }[], required: number): string {
  const groups = columns.map(({ width }, at) => {
    const least = at + 1 < required ? width : at + 1 === required ? 1 : 0;
    const last = at === columns.length - 1;
    return `(?P<v${at}>.{${last ? Math.min(least, 1) : least},${last ? "" : width}})`;
  });
  return `\\n${groups.join("")}(?=\\n)`;
}
