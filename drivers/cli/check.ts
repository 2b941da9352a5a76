import type { FieldError, Operation } from "../../src/device/driver.ts";
import { nearest } from "../../src/device/nearest.ts";
import { checkSshArgs } from "../../src/device/ssh-args.ts";
import type { CliConnectionArgs, CliDriverArgs } from "./args.ts";
import { checkLines, checkTyped } from "./check-lines.ts";
import { AUTODETECT, acceptedTypes, platformOf } from "./platforms/index.ts";

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
    ...checkLines(operation, driverArgs),
    ...checkCommandOnly(driverArgs, operation),
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

function checkCommandOnly(driverArgs: Partial<CliDriverArgs>, operation: Operation): FieldError[] {
  if (driverArgs.expect_string === undefined || operation.kind === "command") return [];
  return [{ loc: ["driver_args", "expect_string"], msg: "applies to command only" }];
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
