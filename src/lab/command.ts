import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { systemClock } from "../core/clock.ts";
import { StartupError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { FAULT_NAMES, FAULTS, type Fault, isFault } from "./fault.ts";
import { type Lab, type LabOptions, startLab } from "./lab.ts";
import { PLATFORM_NAMES } from "./platforms/index.ts";

/** Where the command's words go. */
export interface LabIo {
  out(text: string): void;
  err(text: string): void;
}

/** A fault of one device, counted from 1, or of all that have none of their own. */
interface FaultOption {
  device: number | null;
  fault: Fault;
}

interface Options {
  platform: string;
  devices: number;
  port: number;
  telnet?: number;
  host: string;
  latency: number;
  chunk: number;
  hostKey?: string;
  fault?: FaultOption[];
  seed: number;
  json?: boolean;
  untilStdinCloses?: boolean;
}

const EXIT_USAGE = 2;

/** `netpulse lab`: runs simulated devices until it is told to stop. Answers with the exit code. */
export async function runLab(argv: readonly string[], io: LabIo): Promise<number> {
  const command = labCommand(io);
  try {
    command.parse([...argv], { from: "user" });
    return await run(command.opts<Options>(), io);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    if (!(error instanceof StartupError)) throw error;
    io.err(`netpulse lab: ${error.message}\n`);
    return EXIT_USAGE;
  }
}

async function run(options: Options, io: LabIo): Promise<number> {
  const stopped = stopRequest(options.untilStdinCloses === true);
  try {
    const lab = await startLab({
      clock: systemClock,
      platform: options.platform,
      devices: options.devices,
      host: options.host,
      port: options.port,
      telnetPort: options.telnet ?? null,
      latencyMs: options.latency,
      chunkSize: options.chunk,
      seed: options.seed,
      ...faultsOf(options.fault ?? []),
      ...(options.hostKey === undefined ? {} : { hostKeyFile: options.hostKey }),
    });
    if (!isLoopback(options.host)) io.err(openWarning(options.host));
    io.out(options.json ? readyJson(lab) : readyText(lab));
    await stopped.promise;
    await lab.stop();
    return 0;
  } finally {
    stopped.forget();
  }
}

export function labCommand(io: LabIo): Command {
  return new Command("netpulse lab")
    .description(
      "Simulated network devices over real SSH, to try NetPulse with. User, password and enable password are\n" +
        "admin. They answer like the real thing: modes, paging, refused lines, a running configuration that\n" +
        "`configure terminal` changes. Nothing is kept when the lab stops.",
    )
    .addOption(
      new Option("--platform <name>", `one of ${PLATFORM_NAMES.join(", ")}`)
        .argParser(Object.assign(platform, { choices: PLATFORM_NAMES }))
        .default("cisco_ios"),
    )
    .option("--devices <n>", "how many", whole(1, 65_535), 1)
    .option(
      "--port <first>",
      "port of the first device, the others follow; 0: free ports",
      whole(0, 65_535),
      2201,
    )
    .option("--telnet <first>", "also listen for Telnet, from this port on; 0: free ports", whole(0, 65_535))
    .option(
      "--host <address>",
      "address to listen on; other than loopback, the network can log in",
      "127.0.0.1",
    )
    .option("--latency <ms>", "wait before each answer", whole(0, 3_600_000), 0)
    .option("--chunk <bytes>", "write output in pieces of this size; 0: as it comes", whole(0, 1_048_576), 0)
    .option("--fault <[n=]name>", "misbehave, all devices or the n-th; may be repeated", faultOption)
    .option("--seed <n>", "what is random in a fault follows from it", whole(0, 999_999_999), 1)
    .option("--host-key <file>", "keep the SSH host key there, so that restarts keep the same identity")
    .option("--json", "print one JSON line instead of text once ready")
    .option("--until-stdin-closes", "also stop when standard input ends, as it does when a parent dies")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .showHelpAfterError("(netpulse lab --help says more)")
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) });
}

const FAULT_HELP = Object.entries(FAULTS)
  .map(([name, looks]) => `  ${name.padEnd(15)}${looks}`)
  .join("\n");

const EXAMPLES = `
Faults:
${FAULT_HELP}

Examples:
  netpulse lab                                   one Cisco router on port 2201
  netpulse lab --devices 50 --latency 20         fifty, on ports 2201 to 2250, each answer after 20 ms
  netpulse lab --platform frr --port 2301        an FRRouting router
  netpulse lab --devices 3 --fault 2=stall-auth  three, of which the second never answers a login
  netpulse lab --telnet 2301                     one that takes Telnet, too: telnet 127.0.0.1 2301
  ssh -p 2201 admin@127.0.0.1                    log in (password admin), then: enable, show version, ?

On a device, \`test tail [lines] [interval-ms]\` prints lines until Ctrl-C, to try out long output.
`;

function whole(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`A whole number from ${low} to ${high} is needed.`);
  };
}

function faultOption(text: string, before: FaultOption[] = []): FaultOption[] {
  const [, device, name = ""] = /^(?:(\d{1,5})=)?(.*)$/.exec(text) ?? [];
  if (!isFault(name)) throw new InvalidArgumentError(`Faults are ${FAULT_NAMES.join(", ")}.`);
  return [...before, { device: device === undefined ? null : Number(device), fault: name }];
}

function faultsOf(options: readonly FaultOption[]): Pick<LabOptions, "fault" | "faults"> {
  const ofAll = options.findLast(({ device }) => device === null);
  const single = options.flatMap(({ device, fault }) =>
    device === null ? [] : [[device - 1, fault] as const],
  );
  return { fault: ofAll?.fault ?? "none", faults: new Map(single) };
}

function readyText(lab: Lab): string {
  const count = lab.addresses.length;
  const what = `${count} ${lab.platform} device${count === 1 ? "" : "s"}`;
  const lines = lab.addresses.map(
    ({ host, port, telnetPort, name }) =>
      `${shown(host)}:${port} ${name}${telnetPort === undefined ? "" : ` (Telnet on ${telnetPort})`}`,
  );
  return `${[`lab ready: ${what}, user/password/enable admin`, ...lines].join("\n")}\n`;
}

function readyJson(lab: Lab): string {
  const { platform, fingerprint, addresses } = lab;
  return `${JSON.stringify({ lab: "ready", platform, fingerprint, devices: addresses })}\n`;
}

function shown(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

function openWarning(host: string): string {
  return `warning: the lab listens on ${host}; whoever reaches it can log in as admin with password admin\n`;
}

/** Resolves at SIGINT, SIGTERM or SIGHUP, and when standard input ends if that is asked for. */
function stopRequest(withStdin: boolean): { promise: Promise<void>; forget(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = () => resolve();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, stop);
  if (withStdin) process.stdin.on("end", stop).on("close", stop).on("error", stop).resume();
  return {
    promise,
    forget() {
      for (const signal of signals) process.off(signal, stop);
      if (withStdin) process.stdin.off("end", stop).off("close", stop).off("error", stop).pause();
    },
  };
}

function platform(text: string): string {
  if (PLATFORM_NAMES.includes(text)) return text;
  const best = nearest(text, PLATFORM_NAMES);
  throw new InvalidArgumentError(
    best === null ? `Allowed choices are ${PLATFORM_NAMES.join(", ")}.` : `Did you mean ${best}?`,
  );
}
