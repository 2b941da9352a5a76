import type { FieldError, Operation } from "../../src/device/driver.ts";
import { nearest } from "../../src/device/nearest.ts";
import { checkSshArgs } from "../../src/device/ssh-args.ts";
import type { CliConnectionArgs, CliDriverArgs } from "./args.ts";
import { AUTODETECT, acceptedTypes, platformOf } from "./platforms/index.ts";

const MAX_LINE = 4096;

/** What the schemas cannot say. */
export function check(request: {
  connectionArgs: Partial<CliConnectionArgs>;
  driverArgs: Partial<CliDriverArgs>;
  operation: Operation;
}): FieldError[] {
  const { connectionArgs, driverArgs, operation } = request;
  return [
    ...checkSshArgs(connectionArgs),
    ...checkDeviceType(connectionArgs.device_type, operation),
    ...checkTyped(["connection_args", "secret"], connectionArgs.secret ?? "", "the enable password"),
    ...checkLines(operation),
    ...checkSave(driverArgs, operation),
    ...checkTrial(connectionArgs.device_type ?? "", driverArgs.commit_confirm, operation),
  ];
}

function checkDeviceType(deviceType: string | undefined, operation: Operation): FieldError[] {
  if (deviceType === undefined || deviceType === AUTODETECT) return [];
  const platform = platformOf(deviceType);
  const loc = ["connection_args", "device_type"];
  if (platform === undefined) {
    const like = nearest(deviceType, acceptedTypes());
    const hint = like === null ? "" : `did you mean "${like}"? `;
    return [{ loc, msg: `unknown device type; ${hint}known are ${acceptedTypes().join(", ")}` }];
  }
  if (operation.kind === "config" && platform.configMode === null) {
    return [{ loc: ["config"], msg: `${platform.title} has no configuration mode` }];
  }
  return [];
}

function checkLines(operation: Operation): FieldError[] {
  const [field, lines] =
    operation.kind === "command"
      ? (["command", operation.commands] as const)
      : (["config", operation.lines] as const);
  if (lines.length === 0) return [{ loc: [field], msg: "is empty: give at least one line" }];
  const what = field === "command" ? "a command" : "a line of configuration";
  return lines.flatMap((line, index) => {
    const loc = [field, index];
    // Devices take an empty command for nothing; in a configuration blank lines are usual.
    if (field === "command" && line.trim() === "") return [{ loc, msg: "is empty" }];
    return checkTyped(loc, line, what);
  });
}

/** What is typed must not press other keys: a line break would run a second line, a tab complete one. */
function checkTyped(loc: (string | number)[], text: string, what: string): FieldError[] {
  if (text.length > MAX_LINE) return [{ loc, msg: `is longer than ${MAX_LINE} characters` }];
  const found = /[\0-\x1f\x7f-\x9f]/.exec(text)?.[0];
  if (found === undefined) return [];
  if (found === "\n" || found === "\r") {
    return [{ loc, msg: `holds a line break: ${what} is one line; give several as a list` }];
  }
  const code = found.charCodeAt(0).toString(16).padStart(2, "0");
  return [{ loc, msg: `holds a control character (0x${code}), which ${what} may not` }];
}

function checkSave(driverArgs: Partial<CliDriverArgs>, operation: Operation): FieldError[] {
  if (driverArgs.save !== true || operation.kind === "config") return [];
  return [{ loc: ["driver_args", "save"], msg: "applies to config only" }];
}

function checkTrial(deviceType: string, seconds: number | undefined, operation: Operation): FieldError[] {
  if (seconds === undefined) return [];
  const loc = ["driver_args", "commit_confirm"];
  if (operation.kind !== "config") return [{ loc, msg: "applies to config only" }];
  if (deviceType === AUTODETECT)
    return [{ loc, msg: "needs a device_type that says whether lines are committed" }];
  const platform = platformOf(deviceType);
  if (platform === undefined) return [];
  const trial = platform.candidate?.trial ?? null;
  if (trial === null) return [{ loc, msg: `${platform.title} has no commit that is taken back by itself` }];
  if (seconds >= trial.min && seconds <= trial.max) return [];
  return [{ loc, msg: `${platform.title} takes ${trial.min} to ${trial.max} seconds` }];
}
