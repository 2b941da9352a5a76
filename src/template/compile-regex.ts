import { TemplateError } from "../core/errors.ts";
import { RegexBudgetError, RegexSyntaxError } from "../python-regex/errors.ts";
import { PythonRegex, type RegexOptions } from "../python-regex/regex.ts";

/** A regex of a template; a refusal names the line. */
export function compileRegex(regex: string, line: number | null, options: RegexOptions = {}): PythonRegex {
  try {
    return new PythonRegex(regex, options);
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    throw new TemplateError(`the regex is not valid: ${error.message}`, { line, cause: error });
  }
}

/** Does what matches; a budget that is used up names the template's line and the text's. */
export function withinBudget<T>(line: number | null, inputLine: number | null, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RegexBudgetError)) throw error;
    const where = inputLine === null ? "" : `, last on input line ${inputLine}`;
    throw new TemplateError(`${error.message}${where}`, { line, cause: error });
  }
}
