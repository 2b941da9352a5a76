import { DeviceError, type Operation, type RunRequest, type SessionFrame } from "../../src/device/driver.ts";
import { assertHarmless } from "../../src/device/limited-args.ts";
import type { Redactor } from "../../src/device/redact.ts";
import type { CliDriverArgs } from "./args.ts";
import { configure } from "./engine/configure.ts";
import type { Dialogue } from "./engine/dialogue.ts";
import { exchange } from "./engine/exchange.ts";
import type { Manner } from "./engine/manner.ts";
import type { Rehearsal } from "./engine/rehearsal.ts";
import type { InText } from "./engine/text-block.ts";
import { lineArgs } from "./line-args.ts";
import { type Habits, mannerOf } from "./manner.ts";
import { parsingArgs } from "./parsing.ts";
import type { Platform, Question } from "./platform.ts";
import type { Whereabouts } from "./whereabouts.ts";

/** What a job's operation is done with. */
export interface Workplace {
  platform: Platform;
  dialogue: Dialogue;
  where: Whereabouts;
  rehearsal: Rehearsal;
  redactor: Redactor;
  habits: Habits;
  /** The session has an enable password. */
  hasSecret: boolean;
}

/** A line of a job. */
interface Typing {
  index: number;
  line: string;
  kind: "command" | "config";
  manner: Manner;
  /** What it may be asked back. */
  questions: readonly Question[];
  inText?: InText | undefined;
}

/**
 * See `assertHarmless`. What `save` types is asked about, as are answers and what leads into configuration mode; `diff`
 * and `dry_run` are asked about or the platform's; the others choose between words of the platform, or type nothing.
 */
const HARMLESS: readonly (keyof CliDriverArgs)[] = [
  ...(Object.keys(lineArgs) as (keyof typeof lineArgs)[]),
  ...(Object.keys(parsingArgs) as (keyof typeof parsingArgs)[]),
  "enable_mode",
  "save",
  "commit_confirm",
  "error_pattern",
  "dry_run",
  "diff",
  "config_mode_command",
];

/** Does what a job asks for, from wherever the session is. */
export function perform(
  at: Workplace,
  { operation, driverArgs, permit }: RunRequest<CliDriverArgs>,
): AsyncGenerator<SessionFrame> {
  assertHarmless(driverArgs, HARMLESS, { permit, kind: operation.kind });
  return operation.kind === "command"
    ? runCommands(at, operation, driverArgs)
    : applyConfig(at, operation.lines, driverArgs);
}

async function* runCommands(
  at: Workplace,
  { commands, commandArgs = [] }: Operation & { kind: "command" },
  args: CliDriverArgs,
): AsyncGenerator<SessionFrame> {
  const { platform, where, hasSecret, habits } = at;
  const { seconds } = mannerOf(args, {}, habits);
  const privileged = args.enable_mode ?? hasSecret;
  if (privileged || !where.inCommandMode) await where.go(platform.privilegedMode, seconds);
  for (const [index, line] of commands.entries()) {
    const manner = mannerOf(args, commandArgs[index] ?? {}, habits);
    const refusal = yield* type(at, { index, line, kind: "command", manner, questions: [] });
    if (refusal !== null) {
      const words = at.redactor.text(refusal);
      throw new DeviceError("CommandError", `${quoted(at, line)} was refused: ${words}`);
    }
  }
}

function applyConfig(
  at: Workplace,
  lines: readonly string[],
  args: CliDriverArgs,
): AsyncGenerator<SessionFrame> {
  const { platform, dialogue, where, rehearsal, redactor } = at;
  const manner = mannerOf(args, {}, at.habits);
  const { seconds } = manner;
  return configure(lines, {
    dialogue,
    platform,
    rehearsal,
    telling: where.telling(seconds),
    trial: args.commit_confirm,
    save: args.save === true,
    dryRun: args.dry_run === true,
    diff: args.diff === true,
    stays: args.exit_config_mode === false,
    enterBy: args.config_mode_command,
    go: (mode) => where.go(mode, seconds),
    exchange: (index, line, more) => type(at, { index, line, kind: "config", manner, ...more }),
    words: (text) => redactor.text(text),
  });
}

function type(at: Workplace, { index, line, kind, manner, questions, inText }: Typing) {
  const { platform, dialogue, redactor } = at;
  const waiting = {
    after: `after ${quoted(at, line)}`,
    seconds: manner.seconds,
    questions,
    renamed: platform.renames?.test(line) ?? false,
    inText,
  };
  const shown = redactor.line(line);
  return exchange(dialogue, platform.refusals, { index, line, shown, kind, waiting, manner });
}

function quoted({ redactor }: Workplace, line: string): string {
  return JSON.stringify(redactor.line(line));
}
