import type { FieldError, Operation } from "../../src/device/driver.ts";
import type { CliConnectionArgs, CliDriverArgs } from "./args.ts";
import { checkPattern, checkTyped } from "./check-lines.ts";
import type { Platform } from "./platform.ts";
import { AUTODETECT, platformOf } from "./platforms/index.ts";

interface Request {
  connectionArgs: Partial<CliConnectionArgs>;
  driverArgs: Partial<CliDriverArgs>;
  operation: Operation;
}

const COMMAND_ONLY = ["expect_string"] as const;
const CONFIG_ONLY = [
  "dry_run",
  "diff",
  "save",
  "commit_confirm",
  "exit_config_mode",
  "config_mode_command",
  "error_pattern",
] as const;

/** What is wrong with driver_args for this operation on this platform. */
export function checkForOperation(request: Request): FieldError[] {
  const { driverArgs, operation, connectionArgs } = request;
  const others = operation.kind === "command" ? CONFIG_ONLY : COMMAND_ONLY;
  const misplaced = others
    .filter((name) => driverArgs[name] !== undefined && !changesNothing(name, driverArgs[name]))
    .map((name) => wrong(name, `applies to ${operation.kind === "command" ? "config" : "command"} only`));
  if (operation.kind !== "config") return misplaced;
  return [
    ...misplaced,
    ...checkPattern(["driver_args", "error_pattern"], driverArgs.error_pattern),
    ...checkTyped(["driver_args", "config_mode_command"], driverArgs.config_mode_command ?? "", "a command"),
    ...checkForPlatform(connectionArgs.device_type ?? "", driverArgs),
    ...(driverArgs.dry_run === true
      ? checkRehearsed(operation.lines, platformOf(connectionArgs.device_type ?? ""))
      : []),
  ];
}

/** `commit` as it may be shortened. */
const COMMITS = /^\s*(?:(?:top|do|run)\s+)?com(?:m|mi|mit)?\b/i;

function checkRehearsed(lines: readonly string[], platform: Platform | undefined): FieldError[] {
  const outside = platform?.rehearsal?.outside;
  return lines.flatMap((line, index) => {
    const loc = ["config", index];
    if (COMMITS.test(line)) return [{ loc, msg: "commits, which a dry run must not" }];
    if (outside?.test(line)) return [{ loc, msg: "reaches beyond what a dry run drops" }];
    return [];
  });
}

/** Scripts give the same arguments to all their jobs. */
function changesNothing(name: string, value: unknown): boolean {
  return (
    (["save", "dry_run", "diff"].includes(name) && value === false) ||
    (name === "exit_config_mode" && value === true)
  );
}

function wrong(name: string, msg: string): FieldError {
  return { loc: ["driver_args", name], msg };
}

function checkForPlatform(deviceType: string, driverArgs: Partial<CliDriverArgs>): FieldError[] {
  const wants = [
    ...(driverArgs.commit_confirm === undefined ? [] : ["commit_confirm"]),
    ...(driverArgs.exit_config_mode === false ? ["exit_config_mode"] : []),
    ...(driverArgs.config_mode_command === undefined ? [] : ["config_mode_command"]),
    ...(driverArgs.dry_run === true ? ["dry_run"] : []),
    ...(driverArgs.diff === true ? ["diff"] : []),
  ];
  if (deviceType === AUTODETECT)
    return wants.map((name) => wrong(name, "needs a device_type that says how the device is configured"));
  const platform = platformOf(deviceType);
  if (platform === undefined) return [];
  return [
    ...checkTrial(platform, driverArgs.commit_confirm),
    ...checkStay(platform, driverArgs),
    ...checkDryRun(platform, driverArgs),
    ...checkDiff(platform, driverArgs),
    ...checkEntry(platform, driverArgs.config_mode_command),
  ];
}

function checkTrial(platform: Platform, seconds: number | undefined): FieldError[] {
  if (seconds === undefined) return [];
  const trial = platform.candidate?.trial ?? null;
  if (trial === null)
    return [wrong("commit_confirm", `${platform.title} has no commit that is taken back by itself`)];
  if (seconds >= trial.min && seconds <= trial.max) return [];
  return [wrong("commit_confirm", `${platform.title} takes ${trial.min} to ${trial.max} seconds`)];
}

function checkStay({ candidate, title }: Platform, args: Partial<CliDriverArgs>): FieldError[] {
  if (args.exit_config_mode !== false) return [];
  if (args.save === true) return [wrong("exit_config_mode", "false does not go with save")];
  if (candidate === null) return [];
  return [wrong("exit_config_mode", `${title} commits at the end: the mode is left then`)];
}

function checkEntry(
  { configMode, privilegedMode, modes, title }: Platform,
  command: string | undefined,
): FieldError[] {
  if (command === undefined) return [];
  if (configMode !== null && modes[privilegedMode]?.steps[configMode] !== undefined) return [];
  return [wrong("config_mode_command", `${title} has no configuration mode that a command leads into`)];
}

/** Nothing is pretended: a device that cannot tell beforehand is not asked. */
function checkDryRun({ candidate, rehearsal, title }: Platform, args: Partial<CliDriverArgs>): FieldError[] {
  if (args.dry_run !== true) return [];
  if (candidate === null && rehearsal === null)
    return [
      wrong("dry_run", `${title} puts each line into force as it is typed; diff shows what has changed then`),
    ];
  if (candidate?.diff === null)
    return [wrong("dry_run", `${title} does not show what a commit would change`)];
  const others = (["save", "commit_confirm", "diff"] as const).filter(
    (name) => args[name] !== undefined && args[name] !== false,
  );
  return [
    ...others.map((name) => wrong(name, "does not go with dry_run, which puts nothing into force")),
    ...(rehearsal === null ? [] : checkRehearsalWay(args)),
  ];
}

/** A session of its own has one way in and one out. */
function checkRehearsalWay(args: Partial<CliDriverArgs>): FieldError[] {
  return [
    ...(args.exit_config_mode === false
      ? [wrong("exit_config_mode", "false does not go with dry_run, which drops what was typed")]
      : []),
    ...(args.config_mode_command === undefined
      ? []
      : [wrong("config_mode_command", "does not go with dry_run, which opens a session of its own")]),
  ];
}

function checkDiff({ runningConfig, title }: Platform, args: Partial<CliDriverArgs>): FieldError[] {
  if (args.diff !== true || args.dry_run === true) return [];
  if (runningConfig === null) return [wrong("diff", `${title} has no command that shows its configuration`)];
  if (args.exit_config_mode === false) return [wrong("diff", "does not go with exit_config_mode false")];
  return [];
}
