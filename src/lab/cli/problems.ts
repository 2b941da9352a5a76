import type { Filter } from "./filter.ts";
import type { Problem } from "./model.ts";

/** A line that the grammar does not take. */
export function problemOf(
  refused: { kind: "invalid" | "ambiguous" | "incomplete"; at: number },
  line: string,
  promptLength: number,
): Problem {
  return { ...refused, line, word: "", promptLength };
}

/** A pipe that leads to no filter. */
export function filterProblem(
  filter: Extract<Filter, { ok: false }>,
  line: string,
  promptLength: number,
): Problem {
  const kind = filter.why === "unknown" ? "filter" : filter.why;
  return { kind, line, at: line.indexOf("|") + 2, word: filter.word, promptLength };
}
