import type { FieldError, Operation } from "../../src/device/driver.ts";
import { RegexSyntaxError } from "../../src/python-regex/errors.ts";
import { PythonRegex } from "../../src/python-regex/regex.ts";
import type { CliDriverArgs } from "./args.ts";
import { textLines } from "./engine/text-block.ts";
import type { Answer, CliCommandArgs } from "./line-args.ts";
import { checkOwnParsing } from "./parsing.ts";
import type { TextBlock } from "./platform.ts";

const MAX_LINE = 4096;

/** What is wrong with the lines of an operation, and with what is said of how they are typed. */
export function checkLines(operation: Operation, driverArgs: Partial<CliDriverArgs>): FieldError[] {
  return [
    ...(operation.kind === "command" ? checkCommands(operation, driverArgs) : checkConfig(operation.lines)),
    ...checkPattern(["driver_args", "expect_string"], driverArgs.expect_string),
    ...checkAnswers(["driver_args", "answers"], driverArgs.answers),
  ];
}

function checkCommands(
  operation: Operation & { kind: "command" },
  driverArgs: Partial<CliDriverArgs>,
): FieldError[] {
  const { commands, commandArgs = [] } = operation;
  if (commands.length === 0) return [empty("command")];
  return commands.flatMap((line, index) => {
    const loc = ["command", index];
    const args: CliCommandArgs | null = commandArgs[index] ?? null;
    // Enter alone answers what an `expect_string` before it has waited for; by itself it does nothing.
    if (line.trim() === "" && args === null) return [{ loc, msg: "is empty" }];
    const wrong =
      args === null
        ? []
        : [...checkArgs(loc, args, index === commands.length - 1), ...checkOwnParsing(loc, driverArgs, args)];
    return [...checkTyped(loc, line, "a command"), ...wrong];
  });
}

function checkConfig(lines: readonly string[]): FieldError[] {
  if (lines.length === 0) return [empty("config")];
  return lines.flatMap((line, index) => checkTyped(["config", index], line, "a line of configuration"));
}

/** A text that is left open would take in whatever is typed next. */
export function checkTexts(operation: Operation, blocks: readonly TextBlock[] = []): FieldError[] {
  if (operation.kind !== "config") return [];
  const { unended, doubtful } = textLines(operation.lines, blocks);
  return [
    ...(unended === null
      ? []
      : [{ loc: ["config", unended], msg: "begins a text that no line after it ends" }]),
    ...(doubtful === null
      ? []
      : [
          {
            loc: ["config", doubtful],
            msg: "has a ^ in a text that ^C ends, which ends it on some devices; take another delimiter",
          },
        ]),
  ];
}

function empty(field: string): FieldError {
  return { loc: [field], msg: "is empty: give at least one line" };
}

function checkArgs(loc: FieldError["loc"], args: CliCommandArgs, last: boolean): FieldError[] {
  const wrong = [
    ...checkPattern([...loc, "expect_string"], args.expect_string),
    ...checkAnswers([...loc, "answers"], args.answers),
  ];
  if (args.expect_close !== true) return wrong;
  const at = [...loc, "expect_close"];
  if (!last) wrong.push({ loc: at, msg: "ends the session, so it can stand beside the last command only" });
  if (args.expect_string !== undefined || args.stop_after !== undefined) {
    wrong.push({ loc: at, msg: "does not go with expect_string or stop_after" });
  }
  return wrong;
}

/** A regex of Python that comes with a request. */
export function checkPattern(loc: FieldError["loc"], pattern: string | undefined): FieldError[] {
  if (pattern === undefined) return [];
  try {
    new PythonRegex(pattern);
    return [];
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    return [{ loc, msg: `is no regex of Python: ${error.message}` }];
  }
}

function checkAnswers(loc: FieldError["loc"], answers: readonly Answer[] = []): FieldError[] {
  return answers.flatMap(({ question, answer }, index) => [
    ...(question.trim() === "" ? [{ loc: [...loc, index, "question"], msg: "is empty" }] : []),
    ...checkTyped([...loc, index, "answer"], answer, "an answer"),
  ]);
}

/** What is typed must not press other keys: a line break would run a second line, a tab complete one. */
export function checkTyped(loc: FieldError["loc"], text: string, what: string): FieldError[] {
  if (text.length > MAX_LINE) return [{ loc, msg: `is longer than ${MAX_LINE} characters` }];
  const found = /[\0-\x1f\x7f-\x9f]/.exec(text)?.[0];
  if (found === undefined) return [];
  if (found === "\n" || found === "\r") {
    return [{ loc, msg: `holds a line break: ${what} is one line; give several as a list` }];
  }
  const code = found.charCodeAt(0).toString(16).padStart(2, "0");
  return [{ loc, msg: `holds a control character (0x${code}), which ${what} may not` }];
}
