import { type Command, InvalidArgumentError } from "commander";
import type { ExecRequest } from "../../client/index.ts";
import { parseDeviceName } from "../../core/device.ts";
import { argument, type DriverHint, driverOf } from "./drivers.ts";
import { usage } from "./exit.ts";
import type { OnlineDeps, OnlineOptions } from "./online.ts";
import { collect, oneOf, seconds, whole } from "./values.ts";

type Credential = string | Record<string, unknown>;

/** How a device is reached, and how its job is treated. */
export interface DeviceOptions extends OnlineOptions {
  driver: string;
  type?: string;
  port?: number;
  username?: string;
  password?: boolean;
  credential?: Credential[];
  arg?: string[];
  driverArg?: string[];
}

export interface JobOptions extends DeviceOptions {
  queue?: "fifo" | "pinned";
  executionTimeout?: number;
  ttl?: number;
  priority?: number;
  retries?: number;
}

export const LOGIN_HELP = `The user name is --username or NETPULSE_DEVICE_USERNAME, the password NETPULSE_DEVICE_PASSWORD, that of the privileged
mode NETPULSE_DEVICE_SECRET. People are asked for a password that is missing; --no-password keeps from asking.`;

export function withDeviceOptions(command: Command): Command {
  return command
    .option("-d, --driver <name>", "netmiko for network devices, paramiko for Linux", "netmiko")
    .option("-t, --type <type>", "the kind of device: netpulse platforms lists them")
    .option("-p, --port <n>", "its port", whole)
    .option("-u, --username <name>", "who logs in")
    .option(
      "--credential <name>",
      "where the service finds the login, or JSON with ref; again for others to fall back to",
      credential,
    )
    .option("--no-password", "do not ask for a password")
    .option("-a, --arg <name=value>", "any other of connection_args; may be repeated", collect)
    .option("--driver-arg <name=value>", "one of driver_args; may be repeated", collect);
}

export function withJobOptions(command: Command): Command {
  return withDeviceOptions(command)
    .option(
      "-q, --queue <strategy>",
      "fifo, or pinned: one after another over a session that stays open",
      oneOf(["fifo", "pinned"]),
    )
    .option("--execution-timeout <s>", "how long it may run", seconds)
    .option("--ttl <s>", "how long it may wait in its queue", seconds)
    .option("--priority <n>", "-100 to 100; higher comes first", whole)
    .option("--retries <n>", "how often it may be run again when it fails", whole);
}

/** What is not about one device: `connection_args` that all share, `driver_args` and the treatment. */
export interface Shared {
  hint: DriverHint | undefined;
  args: Record<string, unknown>;
  request: Omit<ExecRequest, "connection_args" | "command" | "config">;
}

export function sharedOf({ drivers, env }: Pick<OnlineDeps, "drivers" | "env">, options: JobOptions): Shared {
  const { driver, type, port, credential } = options;
  // What the request gives counts more than the credential: none of the environment's beside one.
  const own: OnlineDeps["env"] = credential === undefined ? env : {};
  const { username = own.NETPULSE_DEVICE_USERNAME } = options;
  const hint = driverOf(drivers, driver);
  const driverArgs = pairs(options.driverArg, "--driver-arg", (name, text) =>
    argument(hint?.driverArgs, name, text),
  );
  const args = {
    ...(type !== undefined && { device_type: argument(hint?.connectionArgs, "device_type", type) }),
    ...(port !== undefined && { port }),
    ...given({ username, password: own.NETPULSE_DEVICE_PASSWORD }),
    ...(hint?.connectionArgs.properties.secret !== undefined &&
      given({ secret: own.NETPULSE_DEVICE_SECRET })),
    ...pairs(options.arg, "--arg", (name, text) => argument(hint?.connectionArgs, name, text)),
  };
  return {
    hint,
    args,
    request: {
      driver,
      // The API has the last word on what a reference may be.
      ...(credential !== undefined && { credential: credential as NonNullable<ExecRequest["credential"]> }),
      ...(Object.keys(driverArgs).length > 0 && { driver_args: driverArgs }),
      ...treatment(options),
    },
  };
}

/** An empty variable counts as not set. */
function given(args: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(args).filter((pair): pair is [string, string] => Boolean(pair[1])),
  );
}

function treatment({ queue, executionTimeout, ttl, priority, retries }: JobOptions) {
  return {
    ...(queue !== undefined && { queue_strategy: queue }),
    ...(executionTimeout !== undefined && { execution_timeout: executionTimeout }),
    ...(ttl !== undefined && { ttl }),
    ...(priority !== undefined && { priority }),
    ...(retries !== undefined && { retries }),
  };
}

/** `[site/]host[:port]` as arguments. */
export function addressOf(name: string): Record<string, unknown> {
  const { host, port, site } = parseDeviceName(name);
  if (host === "" || Number.isNaN(port))
    throw usage(`"${name}" is no device; write it as [site/]host[:port]`);
  return { host, ...(port !== null && { port }), ...(site !== null && { site }) };
}

/** Other ways to log in than by password. */
const OTHER_WAYS = ["password", "pkey", "allow_agent", "login_answers"];

/** Asks people for a password where nothing else lets in. */
export async function withPassword(
  { terminal }: Pick<OnlineDeps, "terminal">,
  args: Record<string, unknown>,
  options: DeviceOptions,
): Promise<Record<string, unknown>> {
  if (options.credential !== undefined) return args;
  if (!terminal.asks || options.password === false || OTHER_WAYS.some((way) => way in args)) return args;
  const who = [args.username, args.host].filter((part) => part !== undefined).join("@");
  const password = await terminal.ask(`Password${who === "" ? "" : ` for ${who}`}: `, { hidden: true });
  return password ? { ...args, password } : args;
}

function credential(text: string, before: Credential[] = []): Credential[] {
  return [...before, text.startsWith("{") ? reference(text) : text];
}

function reference(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('Give a name, or JSON as {"name": "vault_kv", "ref": "network/core"}.');
  }
}

function pairs(
  texts: readonly string[] = [],
  option: string,
  value: (name: string, text: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, rest] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
      // Not shown: it may be a password that was typed without its name.
      if (name === undefined || rest === undefined) throw usage(`${option} is written as name=value`);
      return [name, value(name, rest)];
    }),
  );
}
