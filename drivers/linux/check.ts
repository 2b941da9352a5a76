import type { FieldError, Operation } from "../../src/device/driver.ts";
import type { LinuxDriverArgs } from "./args.ts";
import { environmentLines } from "./shell.ts";

const MAX_COMMAND = 128 * 1024;
const MAX_ENTRIES = 64;
const MAX_PROMPT = 256;
/** A terminal cuts longer lines off (4,096 bytes with their end on Linux). */
const MAX_TERMINAL_LINE = 4000;

export function checkOperation(operation: Operation): FieldError[] {
  const [field, lines] =
    operation.kind === "command" ? ["command", operation.commands] : ["config", operation.lines];
  if (lines.length === 0) return [{ loc: [field], msg: "is empty: give at least one command" }];
  return lines.flatMap((line, index) => checkCommand(line, [field, index]));
}

/** A shell takes several lines; only a NUL cannot be sent to it. */
function checkCommand(command: string, loc: (string | number)[]): FieldError[] {
  if (command.trim() === "") return [{ loc, msg: "is empty" }];
  if (command.includes("\0")) return [{ loc, msg: "holds a NUL character" }];
  if (command.length > MAX_COMMAND) return [{ loc, msg: `is longer than ${MAX_COMMAND} characters` }];
  return [];
}

/** What the schema cannot say of `driver_args`. Fields that are wrong by it may be absent. */
export function checkDriverArgs(args: LinuxDriverArgs, operation: Operation): FieldError[] {
  return [
    ...checkTogether(args),
    ...checkDetached(args, operation),
    ...checkScript(args, operation),
    ...checkEnvironment(args),
    ...checkExpectations(args),
    ...checkLine("working_directory", args.working_directory),
    ...checkLine("sudo_password", args.sudo_password),
  ];
}

function wrong(name: string, msg: string): FieldError {
  return { loc: ["driver_args", name], msg };
}

function checkLine(name: string, text: string | undefined): FieldError[] {
  return text !== undefined && /[\0\r\n]/.test(text)
    ? [wrong(name, "may not hold line ends or NUL characters")]
    : [];
}

function checkTogether(args: LinuxDriverArgs): FieldError[] {
  const { sudo, sudo_password, sudo_user, script_content, expect_map, get_pty } = args;
  const errors: FieldError[] = [];
  if (sudo !== true && sudo_password !== undefined) {
    errors.push(wrong("sudo_password", "is of no use without sudo: true"));
  }
  if (sudo !== true && sudo_user !== undefined) {
    errors.push(wrong("sudo_user", "is of no use without sudo: true"));
  }
  if (script_content !== undefined && expect_map !== undefined) {
    errors.push(wrong("expect_map", "needs the standard input that script_content takes; keep one of them"));
  }
  if (script_content !== undefined && get_pty === true) {
    errors.push(wrong("get_pty", "is not possible with script_content: a terminal would alter the script"));
  }
  if (sudo === true && expect_map !== undefined && get_pty !== true) {
    errors.push(
      wrong(
        "expect_map",
        "needs get_pty: true beside sudo: without a terminal the command could not be aborted",
      ),
    );
  }
  return errors;
}

function checkDetached(args: LinuxDriverArgs, operation: Operation): FieldError[] {
  const { detach, detached_task: task } = args;
  if (detach !== true && task === undefined) return [];
  const name = task === undefined ? "detach" : "detached_task";
  if (detach === true && task !== undefined)
    return [wrong("detach", "starts a task; detached_task is for one that there is")];
  if (operation.kind !== "command" || operation.commands.length !== 1) {
    return [wrong(name, "is for one command")];
  }
  if (args.script_content !== undefined || args.expect_map !== undefined || args.get_pty === true) {
    return [
      wrong(name, "goes with none of script_content, expect_map and get_pty: nobody is there to talk to"),
    ];
  }
  if (task === undefined) return [];
  const { action, id, offset, max_bytes } = task;
  if ((action === "list") !== (id === undefined)) {
    return [
      { loc: ["driver_args", name, "id"], msg: action === "list" ? "is of no use in a list" : "is required" },
    ];
  }
  return action !== "output" && (offset !== undefined || max_bytes !== undefined)
    ? [{ loc: ["driver_args", name, "action"], msg: "must be output, where offset or max_bytes are given" }]
    : [];
}

function checkScript(args: LinuxDriverArgs, operation: Operation): FieldError[] {
  const { script_content: script, script_interpreter: interpreter } = args;
  if (script === undefined) {
    return interpreter === undefined
      ? []
      : [wrong("script_interpreter", "is of no use without script_content")];
  }
  if (interpreter !== undefined) {
    return [wrong("script_interpreter", "is what command says; keep one of them")];
  }
  const errors = script.includes("\0") ? [wrong("script_content", "holds a NUL character")] : [];
  if (operation.kind !== "command" || operation.commands.length !== 1) {
    errors.push(wrong("script_content", "goes to one command: give no other, or leave command out"));
  }
  return errors;
}

function checkEnvironment({ environment = {}, get_pty }: LinuxDriverArgs): FieldError[] {
  const names = Object.keys(environment);
  if (names.length > MAX_ENTRIES) return [wrong("environment", `has more than ${MAX_ENTRIES} variables`)];
  if (names.some((name) => !/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name))) {
    return [wrong("environment", "names of variables hold letters, digits and underscores")];
  }
  const values = Object.values(environment);
  if (values.some((value) => value.includes("\0"))) {
    return [wrong("environment", "values may not hold NUL characters")];
  }
  if (get_pty !== true) return [];
  const untypable = values.some((value) => /\p{Cc}/u.test(value));
  const long = environmentLines(environment).some((line) => Buffer.byteLength(line) > MAX_TERMINAL_LINE);
  return untypable || long
    ? [wrong("environment", "with get_pty values may hold no control characters and 3,900 bytes at most")]
    : [];
}

function checkExpectations({ expect_map: map = {} }: LinuxDriverArgs): FieldError[] {
  const prompts = Object.keys(map);
  if (prompts.length > MAX_ENTRIES) return [wrong("expect_map", `has more than ${MAX_ENTRIES} prompts`)];
  if (prompts.some((prompt) => prompt.trim() === "" || prompt.length > MAX_PROMPT)) {
    return [wrong("expect_map", `prompts have 1 to ${MAX_PROMPT} characters, not all of them blank`)];
  }
  return Object.values(map).some((answer) => /[\0\r\n]/.test(answer))
    ? [wrong("expect_map", "answers may not hold line ends or NUL characters")]
    : [];
}
