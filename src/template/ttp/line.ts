import { TemplateError } from "../../core/errors.ts";
import type { Dict } from "./values.ts";
import { parseVariable, type Variable } from "./variable.ts";

/** A line of a group: texts and variables, in their order. */
export type LinePart = string | Variable;

/** What becomes of a match. */
export type Action = "start" | "start-empty" | "add" | "join" | "end";

export interface Line {
  parts: LinePart[];
  number: number;
  indent: string;
  action: Action;
  isLine: boolean;
  isExact: boolean;
  isExactSpace: boolean;
  /** The text that a match must be where `set` decides; null elsewhere. */
  setText: string | null;
  /** The text between matches that are joined. */
  join: string;
}

const VARIABLE = /\{\{([\s\S]+?)\}\}/g;
/** Variables behind which the rest of a line counts for nothing. */
const CUTS: readonly Variable["kind"][] = ["start", "end"];

/** Reads a line of a group. `text` has no blanks at its end. */
export function parseLine(text: string, number: number, vars: Dict): Line {
  const content = text.trimStart();
  const parts = partsOf(content, number, vars);
  const variables = parts.filter((part) => typeof part !== "string");
  if (variables.length === 0) {
    throw new TemplateError(
      "the line has no {{ variable }}, so it would match nothing; ## begins a comment",
      {
        line: number,
      },
    );
  }
  const sets = variables.some(({ set }) => set !== null);
  const line: Line = {
    parts,
    number,
    indent: text.slice(0, text.length - content.length),
    action: actionOf(variables),
    isLine: variables.some(({ isLine }) => isLine),
    // As TTP, which looks for the one word and finds it in the other as well.
    isExact: variables.some(({ isExact, isExactSpace }) => isExact || isExactSpace),
    isExactSpace: variables.some(({ isExactSpace }) => isExactSpace),
    setText: sets ? text.replace(VARIABLE, "").trimEnd() : null,
    join: variables.findLast(({ join }) => join !== null)?.join ?? "\n",
  };
  check(line, variables);
  return line;
}

function partsOf(content: string, number: number, vars: Dict): LinePart[] {
  const parts: LinePart[] = [];
  let at = 0;
  for (const { 0: whole, 1: inside = "", index } of content.matchAll(VARIABLE)) {
    if (index > at) parts.push(content.slice(at, index));
    parts.push(parseVariable(inside, number, vars));
    at = index + whole.length;
  }
  if (at < content.length) parts.push(content.slice(at));
  if (parts.some((part) => typeof part === "string" && part.includes("{{"))) {
    throw new TemplateError("a {{ is not closed on its line", { line: number });
  }
  return parts;
}

function actionOf(variables: readonly Variable[]): Action {
  if (variables.some(({ kind }) => kind === "end")) return "end";
  if (variables.some(({ kind }) => kind === "start")) return "start-empty";
  if (variables.some(({ isStart, kind }) => isStart || kind === "headers")) return "start";
  return variables.some(({ join }) => join !== null) ? "join" : "add";
}

/** Refuses what would be matched, or kept, otherwise than it is written. */
function check(line: Line, variables: readonly Variable[]): void {
  const fail = (reason: string): never => {
    throw new TemplateError(reason, { line: line.number });
  };
  const captures = variables.filter(({ kind, set }) => kind === "capture" && set === null);
  const names = captures.map(({ name }) => name);
  if (new Set(names).size < names.length) fail("a variable is named twice on one line");
  checkCut(line, fail);
  const settled = line.setText !== null;
  if (settled && (captures.length > 0 || variables.some(({ kind }) => kind === "ignore"))) {
    fail("set cannot share a line with variables that match");
  }
  if (settled && (line.action === "end" || line.action === "start-empty")) {
    fail('set cannot share a line with {{ _start_ }} or {{ _end_ }}; write {{ name | set("x") | _start_ }}');
  }
  if (line.action === "end" && captures.length > 0) fail("a line with {{ _end_ }} has no other variables");
  if (line.action === "start-empty" && captures.length > 0) {
    fail("{{ _start_ }} drops what its line matches; write _start_ into a variable: {{ name | _start_ }}");
  }
}

/** Only marks may follow where the line is cut off. */
function checkCut({ parts }: Line, fail: (reason: string) => never): void {
  const cut = parts.findIndex(
    (part) => typeof part !== "string" && (part.set !== null || CUTS.includes(part.kind)),
  );
  const rest = cut < 0 ? [] : parts.slice(cut + 1);
  if (rest.some((part) => (typeof part === "string" ? part.trim() !== "" : part.kind === "ignore"))) {
    fail("what stands behind {{ _start_ }}, {{ _end_ }} or a set would not be matched");
  }
  const mark = parts.find((part) => typeof part !== "string" && part.kind === "exact");
  if (mark !== undefined && (cut < 0 || parts.indexOf(mark) < cut)) {
    fail("_exact_ and _exact_space_ stand inside a variable, {{ name | _exact_ }}, or behind {{ _start_ }}");
  }
}

/** Only `set`s, and nothing to match: the group has these values whatever the text is. */
export function isUnconditional({ setText }: Line): boolean {
  return setText?.trim() === "";
}
