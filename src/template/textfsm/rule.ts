import { TemplateError } from "../../core/errors.ts";
import type { PythonRegex } from "../../python-regex/regex.ts";
import { compileRegex } from "../compile-regex.ts";
import { isSpace, trim } from "../lines.ts";
import { type Patterns, substitute } from "./substitute.ts";

export const LINE_OPS = ["Continue", "Next", "Error"] as const;
export const RECORD_OPS = ["Clear", "Clearall", "Record", "NoRecord"] as const;
export type LineOp = (typeof LINE_OPS)[number];
export type RecordOp = (typeof RECORD_OPS)[number];

/** `^regex -> LineOp.RecordOp State`. */
export interface Rule {
  regex: PythonRegex;
  lineOp: LineOp;
  recordOp: RecordOp;
  /** The state to go to, or the message of an `Error` with its quotes; empty: none. */
  target: string;
  line: number;
}

export function parseRule(text: string, line: number, patterns: Patterns): Rule {
  const { match, action } = splitAction(trim(text));
  const { lineOp, recordOp, target } = parseAction(action, line);
  const regex = compileRegex(substitute(match, line, patterns), line);
  if (lineOp === "Continue" && target !== "") {
    throw new TemplateError("Continue cannot go to another state: the rest of this one still sees the line", {
      line,
    });
  }
  if (lineOp !== "Error" && target.startsWith('"')) {
    throw new TemplateError("only Error takes a message; a state's name has letters, digits and _", { line });
  }
  return { regex, lineOp, recordOp, target, line };
}

/** At the last `->` that has a blank before it. */
function splitAction(rule: string): { match: string; action: string | null } {
  for (let at = rule.lastIndexOf("->"); at > 0; at = rule.lastIndexOf("->", at - 1)) {
    if (isSpace(rule.charAt(at - 1))) return { match: rule.slice(0, at - 1), action: rule.slice(at + 2) };
  }
  return { match: rule, action: null };
}

type Action = Pick<Rule, "lineOp" | "recordOp" | "target">;

const OPERATORS = new RegExp(
  `^(?:(${LINE_OPS.join("|")})(?:\\.(${RECORD_OPS.join("|")}))?|(${RECORD_OPS.join("|")}))$`,
);
const STATE = /^[\p{L}\p{N}_]+$/u;

/** Operators, a target, or both; a first word that is no operator is the target. */
function parseAction(action: string | null, line: number): Action {
  const plain: Action = { lineOp: "Next", recordOp: "NoRecord", target: "" };
  if (action === null || action === "") return plain;
  const [first, rest] = firstWord(action);
  const [, lineOp, recordOp, onlyRecord] = OPERATORS.exec(first) ?? [];
  const known: Action = {
    lineOp: LINE_OPS.find((op) => op === lineOp) ?? "Next",
    recordOp: RECORD_OPS.find((op) => op === (recordOp ?? onlyRecord)) ?? "NoRecord",
    target: rest,
  };
  const isOperator = lineOp !== undefined || onlyRecord !== undefined;
  const read = isOperator ? known : { ...plain, target: trim(action) };
  if (!isSpace(action.charAt(0)) || !(isTarget(read.target) || (isOperator && rest === ""))) {
    throw new TemplateError(
      "the action is not valid; give -> LineOperator.RecordOperator State, each of them optional",
      { line },
    );
  }
  return read;
}

function firstWord(action: string): [first: string, rest: string] {
  const text = trim(action);
  const end = Array.from(text).findIndex(isSpace);
  if (end < 0) return [text, ""];
  const chars = Array.from(text);
  return [chars.slice(0, end).join(""), trim(chars.slice(end).join(""))];
}

function isTarget(text: string): boolean {
  return STATE.test(text) || /^".*"$/s.test(text);
}
