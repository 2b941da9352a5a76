import type { FieldError, Operation } from "../../src/device/driver.ts";
import { nearest } from "../../src/device/nearest.ts";
import { checkSshArgs } from "../../src/device/ssh-args.ts";
import type { CliConnectionArgs, CliDriverArgs } from "./args.ts";
import { checkForOperation } from "./check-driver-args.ts";
import { checkLines, checkTexts, checkTyped } from "./check-lines.ts";
import { encodingLabel, UTF_8 } from "./encoding.ts";
import { checkParsing } from "./parsing.ts";
import { AUTODETECT, acceptedTypes, platformOf } from "./platforms/index.ts";
import { checkTelnet } from "./telnet/check.ts";

/** What the schemas cannot say. */
export function check(request: {
  connectionArgs: Partial<CliConnectionArgs>;
  driverArgs: Partial<CliDriverArgs>;
  operation: Operation;
}): FieldError[] {
  const { connectionArgs, driverArgs, operation } = request;
  return [
    ...checkSshArgs(connectionArgs),
    ...checkTelnet(connectionArgs),
    ...checkDeviceType(connectionArgs.device_type, operation),
    ...checkTyped(["connection_args", "secret"], connectionArgs.secret ?? "", "the enable password"),
    ...checkLines(operation, driverArgs),
    ...checkTexts(operation, platformOf(connectionArgs.device_type ?? "")?.texts),
    ...checkForOperation(request),
    ...checkParsing(driverArgs, operation.kind),
    ...checkEncoding(request),
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

/** What is typed is sent as UTF-8, of which other encodings share ASCII. */
function checkEncoding({ connectionArgs, operation }: Parameters<typeof check>[0]): FieldError[] {
  const { encoding, secret = "" } = connectionArgs;
  if (encodingLabel(encoding) === UTF_8) return [];
  const texts = operation.kind === "command" ? operation.commands : operation.lines;
  if ([secret, ...texts].every((text) => /^\p{ASCII}*$/u.test(text))) return [];
  return [{ loc: ["connection_args", "encoding"], msg: "allows ASCII only in what is typed" }];
}
