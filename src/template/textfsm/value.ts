import { TemplateError } from "../../core/errors.ts";
import type { PythonRegex } from "../../python-regex/regex.ts";
import { compileRegex } from "../compile-regex.ts";

export const OPTIONS = ["Filldown", "Fillup", "Key", "List", "Required"] as const;
export type Option = (typeof OPTIONS)[number];

/** A `Value` of a template's head. */
export interface Value {
  name: string;
  /** In the order in which they are written, which is the order in which they act. */
  options: readonly Option[];
  /** What `${NAME}` stands for in rules: the regex as a named group. */
  pattern: string;
  /** Takes a List's element apart where its regex has groups of its own. */
  nested: PythonRegex | null;
}

export const MAX_NAME = 48;

/** Reads `Value [options] name (regex)`. */
export function parseValue(line: string, number: number): Value {
  const { options, name, regex } = split(line, number);
  if (name.length > MAX_NAME) {
    throw new TemplateError(`the name of the value is longer than ${MAX_NAME} characters`, { line: number });
  }
  if (name.includes("\\")) throw new TemplateError("a value's name holds no backslash", { line: number });
  if (!/^\(.*\)$/s.test(regex) || count(regex, "(") !== count(regex, ")")) {
    throw new TemplateError(`the regex of the value ${name} must be in one pair of parentheses`, {
      line: number,
    });
  }
  const nested = options.includes("List") ? compileRegex(regex, number) : null;
  return { name, options, pattern: `(?P<${name}>${regex.slice(1)}`, nested };
}

function split(line: string, number: number): { options: Option[]; name: string; regex: string } {
  const tokens = line.split(" ");
  const [, first = "", second] = tokens;
  if (second === undefined) {
    throw new TemplateError("give a value as: Value [options] name (regex)", { line: number });
  }
  if (second.startsWith("(")) return { options: [], name: first, regex: tokens.slice(2).join(" ") };
  return { options: parseOptions(first, number), name: second, regex: tokens.slice(3).join(" ") };
}

function parseOptions(text: string, line: number): Option[] {
  const options: Option[] = [];
  for (const name of text.split(",")) {
    const option = OPTIONS.find((known) => known === name);
    if (option === undefined) {
      throw new TemplateError(`unknown option "${name}"; there are ${OPTIONS.join(", ")}`, { line });
    }
    if (options.includes(option)) throw new TemplateError(`the option ${name} is given twice`, { line });
    options.push(option);
  }
  return options;
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}
