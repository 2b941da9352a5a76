import { TemplateError } from "../../core/errors.ts";
import type { Found, PythonRegex } from "../../python-regex/regex.ts";
import { compileRegex } from "../compile-regex.ts";
import type { Limits } from "../limits.ts";
import { trimEnd } from "../lines.ts";
import type { Action, Line } from "./line.ts";
import { columnsOf, headersRegex, regexOf } from "./line-regex.ts";
import { compileStep, runSteps, type Step } from "./match/index.ts";
import type { Scope } from "./scope.ts";
import { copyOf, type Dict, type Value } from "./values.ts";

/** A variable of a rule, with what is done to its match. */
export interface Capture {
  name: string;
  steps: readonly Step[];
}

/** A line of a group that is ready to match. */
export interface Rule {
  regex: PythonRegex;
  captures: readonly Capture[];
  /** Values that the line sets where it is found. */
  sets: readonly (Capture & { value: Value })[];
  setText: string | null;
  action: Action;
  isLine: boolean;
  join: string;
  line: number;
}

/** Characters of regexes that a template may still make. */
export interface Room {
  regexes: number;
}

export function compileRule(line: Line, vars: Dict, room: Room, limits: Pick<Limits, "regexes">): Rule {
  const heads = line.parts.find((part) => typeof part !== "string" && part.kind === "headers");
  const { pattern, captures } =
    heads !== undefined && typeof heads !== "string" ? tableRegex(line, heads.columns, vars) : regexOf(line);
  room.regexes -= pattern.length;
  if (room.regexes < 0) {
    throw new TemplateError(`the regexes of the template are longer than ${limits.regexes} characters`, {
      line: line.number,
    });
  }
  return {
    regex: compileRegex(pattern, line.number),
    captures,
    sets: line.parts.flatMap((part) =>
      typeof part === "string" || part.set === null
        ? []
        : [{ name: part.name, steps: part.steps, ...part.set }],
    ),
    setText: line.setText,
    action: line.action,
    isLine: line.isLine,
    join: line.join,
    line: line.number,
  };
}

/** As in TTP the head itself is no row: what has a column's name in the column is passed over. */
function tableRegex(
  line: Line,
  required: number | null,
  vars: Dict,
): { pattern: string; captures: Capture[] } {
  const columns = columnsOf(line);
  if (required !== null && required > columns.length) {
    throw new TemplateError(`there are ${columns.length} columns only`, { line: line.number });
  }
  const step = (name: string, args: Value[]) =>
    compileStep({ name, args, kwargs: new Map(), line: line.number }, vars);
  return {
    pattern: headersRegex(columns, required ?? Math.max(1, columns.length - 2)),
    captures: columns.map(({ name }) => ({ name, steps: [step("strip", []), step("exclude", [name])] })),
  };
}

/** What a match gives; null where a function drops it. */
export function resultOf(rule: Rule, { groups, named }: Found, scope: Scope): Dict | null {
  const result: Dict = new Map();
  const take = ({ name, steps }: Capture, value: Value): boolean => {
    const made = runSteps(steps, value, scope);
    if (made === null) return false;
    // Records change while they are put together; literals, tables and variables must not.
    result.set(name, copyOf(made.value));
    for (const [field, each] of made.fields) result.set(field, copyOf(each));
    return true;
  };
  const texts = new Map(named);
  for (const [at, capture] of rule.captures.entries()) {
    if (!take(capture, texts.get(`v${at}`) ?? null)) return null;
  }
  if (rule.setText === null) return result;
  if (trimEnd(groups[0] ?? "") !== `\n${rule.setText}`) return null;
  for (const set of rule.sets) if (!take(set, settled(set.value, scope))) return null;
  return result;
}

/** The value itself, or that of the variable that it names. */
function settled(value: Value, { vars, globals }: Scope): Value {
  return typeof value === "string" ? (vars.get(value) ?? globals.get(value) ?? value) : value;
}
