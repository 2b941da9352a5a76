import type { FieldError, Operation } from "../../src/device/driver.ts";
import type { EapiConnectionArgs, EapiDriverArgs } from "./args.ts";

const MAX_LINE = 4096;
const ROOT = "connection_args";
const OF_TLS = ["fingerprint", "ca_file", "cert_file", "key_file"] as const;

/** What the schemas cannot say. */
export function check(request: {
  connectionArgs: Partial<EapiConnectionArgs>;
  driverArgs: Partial<EapiDriverArgs>;
  operation: Operation;
}): FieldError[] {
  const { connectionArgs, driverArgs, operation } = request;
  return [
    ...checkTls(connectionArgs),
    ...checkLines(operation),
    ...(driverArgs.save === true && operation.kind !== "config"
      ? [{ loc: ["driver_args", "save"], msg: "applies to config only" }]
      : []),
  ];
}

function checkTls(args: Partial<EapiConnectionArgs>): FieldError[] {
  const given = OF_TLS.filter((name) => args[name] !== undefined);
  if (args.transport === "http") {
    return given.map((name) => ({ loc: [ROOT, name], msg: "is of https; transport is http" }));
  }
  const wrong: FieldError[] = [];
  if (args.verify === false && (args.fingerprint !== undefined || args.ca_file !== undefined)) {
    wrong.push({
      loc: [ROOT, "verify"],
      msg: "is false, so that neither fingerprint nor ca_file would count",
    });
  }
  if (args.fingerprint !== undefined && args.ca_file !== undefined) {
    wrong.push({ loc: [ROOT, "ca_file"], msg: "would not count beside fingerprint; give one of them" });
  }
  if ((args.cert_file === undefined) !== (args.key_file === undefined)) {
    const missing = args.cert_file === undefined ? "cert_file" : "key_file";
    wrong.push({ loc: [ROOT, missing], msg: "is missing: cert_file and key_file go together" });
  }
  return wrong;
}

function checkLines(operation: Operation): FieldError[] {
  const lines = operation.kind === "command" ? operation.commands : operation.lines;
  if (lines.length === 0) return [{ loc: [operation.kind], msg: "is empty: give at least one line" }];
  return lines.flatMap((line, index) => {
    const loc = [operation.kind, index];
    if (line.trim() === "") return [{ loc, msg: "is empty" }];
    if (line.length > MAX_LINE) return [{ loc, msg: `is longer than ${MAX_LINE} characters` }];
    if (!/[\0-\x1f\x7f-\x9f]/.test(line)) return [];
    return [{ loc, msg: "holds a line break or another control character; give several lines as a list" }];
  });
}
