import { type Access, isLimited, type Scope } from "../core/access.ts";
import { type LineJudge, lineJudge } from "../core/command-rules.ts";
import { canonicalHost, type DeviceAddress } from "../core/device.ts";
import { type DeviceJudge, deviceJudge } from "../core/device-rules.ts";
import { type FieldError, RequestError } from "../core/errors.ts";
import type { Task } from "../device/driver.ts";
import type { Caller } from "./engine.ts";

type Device = Pick<DeviceAddress, "host" | "site">;

/** Lists are taken apart once for each access, not for each of a thousand devices of a request. */
const judges = new WeakMap<Access, { device: DeviceJudge; line: LineJudge }>();

function judgesOf(access: Access) {
  const known = judges.get(access) ?? {
    device: deviceJudge(access.devices),
    line: lineJudge(access.commands),
  };
  judges.set(access, known);
  return known;
}

/** What a task takes. Files change a host as configuration does. */
const NEEDED: Record<string, readonly Scope[]> = {
  command: ["exec"],
  connect: ["exec", "config"],
  config: ["config"],
};

export interface Wish {
  device: Device;
  connectionArgs: Record<string, unknown>;
  kind: Task["kind"];
  lines: readonly string[];
}

/**
 * What of a job its caller's key does not allow; empty: nothing. Lines are judged here so that nothing is queued in vain;
 * what counts is the judgement where they are sent.
 */
export function notPermitted({ access }: Caller, wish: Wish): FieldError[] {
  const { device, connectionArgs, kind } = wish;
  const needed = NEEDED[kind] ?? ["config"];
  const scope: FieldError[] = needed.some((each) => access.scopes.includes(each))
    ? []
    : [{ loc: [kind], msg: `needs a key with the scope ${needed.join(" or ")}` }];
  return [...scope, ...badDevices(access, device, connectionArgs), ...badLines(access, wish)];
}

/** Jump hosts as well: behind another one an address is another device. */
function badDevices(
  access: Access,
  device: Device,
  { jump_hosts: hops }: Wish["connectionArgs"],
): FieldError[] {
  if (!isLimited(access.devices)) return [];
  const judge = judgesOf(access).device;
  const found: FieldError[] = [];
  const look = (host: string, loc: (string | number)[]) => {
    const reason = judge({ host, site: device.site });
    if (reason !== null)
      found.push({ loc: ["connection_args", ...loc], msg: `the key's list of devices: it ${reason}` });
  };
  look(device.host, ["host"]);
  for (const [n, hop] of (Array.isArray(hops) ? hops : []).entries()) {
    const host = String((hop as { host?: unknown }).host);
    look(canonicalHost(host) ?? host, ["jump_hosts", n, "host"]);
  }
  return found;
}

function badLines(access: Access, { kind, lines }: Wish): FieldError[] {
  if (!isLimited(access.commands)) return [];
  if (!(kind in NEEDED)) return [{ loc: [kind], msg: "the key is limited to commands" }];
  const { line: judge } = judgesOf(access);
  const judged = lines.map((line, n): FieldError | null => {
    const reason = judge(line);
    return reason === null ? null : { loc: [kind, n], msg: `the key's list of commands: it ${reason}` };
  });
  return judged.filter((each) => each !== null);
}

export function forbidden(fields: FieldError[]): RequestError {
  const names = fields.map(({ loc }) => loc.join(".")).join(", ");
  return new RequestError("forbidden", `the key does not allow this: ${names}`, fields);
}

/** Whether a caller's key lets it see, and cancel, what concerns a device. */
export function maySee({ access }: Caller, device: Device): boolean {
  return !isLimited(access.devices) || judgesOf(access).device(device) === null;
}
