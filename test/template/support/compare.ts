import { expect } from "bun:test";
import { TemplateError } from "../../../src/core/errors.ts";
import { DEFAULT_LIMITS } from "../../../src/template/limits.ts";
import { runTemplate, type Table } from "../../../src/template/textfsm/run.ts";
import { compileTemplate, type Template } from "../../../src/template/textfsm/template.ts";
import { askPython } from "./oracle.ts";

export interface Question {
  template: string;
  text: string;
}

export type Answer = Pick<Table, "header" | "rows"> | { refused: "template" | "text"; reason: string };

function ours({ template, text }: Question): Answer {
  let compiled: Template;
  try {
    compiled = compileTemplate(template, DEFAULT_LIMITS);
  } catch (error) {
    return { refused: "template", reason: reasonOf(error) };
  }
  try {
    const { header, rows } = runTemplate(compiled, text, DEFAULT_LIMITS);
    return { header, rows };
  } catch (error) {
    return { refused: "text", reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof TemplateError) return error.message;
  throw error;
}

/** Expects our records, or our refusal, to be those of python3-textfsm, and gives them. */
export async function compareTextFsm(questions: readonly Question[]): Promise<Answer[]> {
  const theirs = await askPython<Question, Answer>("textfsm_oracle.py", questions);
  const answers = questions.map(ours);
  const differing = answers.flatMap((mine, index) => {
    const python = theirs[index];
    return python && alike(mine, python) ? [] : [{ ...questions[index], ours: mine, python }];
  });
  expect(differing.slice(0, 3)).toEqual([]);
  return answers;
}

/** Reasons are worded otherwise. */
function alike(a: Answer, b: Answer): boolean {
  if ("refused" in a || "refused" in b) return "refused" in a && "refused" in b && a.refused === b.refused;
  return Bun.deepEquals(a, b, true);
}
