import { addressArgs, portArg } from "../../src/device/address-args.ts";
import { type Static, Type } from "../../src/device/driver.ts";
import { sshArgs } from "../../src/device/ssh-args.ts";
import { ENCODINGS } from "./encoding.ts";
import { lineArgs, MAX_READ_SECONDS } from "./line-args.ts";
import { idleArgs, refusedArgs } from "./netmiko/schema.ts";
import { parsingArgs } from "./parsing.ts";
import { acceptedTypes, isTelnet } from "./platforms/index.ts";

export const DEFAULT_PORT = 22;
const TELNET_PORT = 23;

function oneOf(values: readonly string[], options: Record<string, unknown>) {
  return Type.Union(
    values.map((value) => Type.Literal(value)),
    options,
  );
}

export const connectionArgs = Type.Object(
  {
    ...addressArgs,
    port: portArg(DEFAULT_PORT, "TCP port of the device. Over Telnet the default is 23."),
    device_type: Type.String({
      minLength: 1,
      maxLength: 64,
      // Documents them only: the driver's own check says which is nearest.
      enum: acceptedTypes(),
      description:
        "The kind of device, by one of netmiko's names; those with `_ssh` behind them are taken, too. `autodetect` asks it, which costs a second login; the result says what it is. Those that end in " +
        "`_telnet` are reached over Telnet, on which everything, the password too, is sent as it is.",
    }),
    ...sshArgs,
    secret: Type.Optional(
      Type.String({
        maxLength: 1024,
        secret: true,
        description: "Enable password. When given, commands run in privileged mode.",
      }),
    ),
    encoding: Type.Optional(
      oneOf(ENCODINGS, {
        expected: `one of ${ENCODINGS.join(", ")}`,
        description:
          "Of what the device prints, and of what it is typed: ASCII where it is not UTF-8. Default `utf-8`.",
      }),
    ),
    default_enter: Type.Optional(
      oneOf(["\r", "\n", "\r\n"], {
        expected: "CR, LF, or CR LF",
        description: "What ends a line that is typed. Default: what the platform wants.",
      }),
    ),
    read_timeout_override: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: MAX_READ_SECONDS,
        description: "In place of every `read_timeout` of jobs.",
      }),
    ),
    global_cmd_verify: Type.Optional(
      Type.Boolean({ description: "In place of every `cmd_verify` of jobs." }),
    ),
    ...idleArgs("connection_args"),
  },
  { additionalProperties: false, refused: refusedArgs("connection_args") },
);
export type CliConnectionArgs = Static<typeof connectionArgs>;

/** The port of a request that names none. */
export function usualPort({ device_type: type }: { device_type?: unknown }): number {
  return typeof type === "string" && isTelnet(type) ? TELNET_PORT : DEFAULT_PORT;
}

export function portOf(args: Pick<CliConnectionArgs, "device_type" | "port">): number {
  return args.port ?? usualPort(args);
}

export const driverArgs = Type.Object(
  {
    ...lineArgs,
    ...parsingArgs,
    enable_mode: Type.Optional(
      Type.Boolean({
        description:
          "Whether commands run in privileged mode. Default: true when `secret` is given, else as logged in.",
      }),
    ),
    save: Type.Optional(
      Type.Boolean({
        description: "Save the configuration after all lines were accepted, and check it. Default false.",
      }),
    ),
    exit_config_mode: Type.Optional(
      Type.Boolean({
        description:
          "Whether a job leaves configuration mode after its last line. The next job of the session leaves it if that did not. Default true.",
      }),
    ),
    config_mode_command: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: "Leads into configuration mode, in place of what the platform types.",
      }),
    ),
    error_pattern: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1024,
        description:
          "A regex of Python: a line of configuration whose output matches is refused, besides those that the platform knows as refused.",
      }),
    ),
    dry_run: Type.Optional(
      Type.Boolean({
        description:
          "Show what would change and put nothing into force: where lines are committed, or the device has sessions of configuration, and can show it. The last entry of the output. Default false.",
      }),
    ),
    diff: Type.Optional(
      Type.Boolean({
        description:
          "Show what has changed: the running configuration is read before and after, and what differs is the last entry of the output, as `diff -u` has it. Default false.",
      }),
    ),
    commit_confirm: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 86_400,
        description:
          "Where lines are committed: seconds after which the device takes the commit back by itself. The job " +
          "confirms it once the device has answered again; if it does not, the job fails. Default: a plain commit.",
      }),
    ),
    ...idleArgs("driver_args"),
  },
  { additionalProperties: false, refused: refusedArgs("driver_args") },
);
export type CliDriverArgs = Static<typeof driverArgs>;
