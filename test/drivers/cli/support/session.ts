import type { CliDriverArgs } from "../../../../drivers/cli/args.ts";
import type { CliCommandArgs } from "../../../../drivers/cli/line-args.ts";
import type { Habits } from "../../../../drivers/cli/manner.ts";
import { platformOf } from "../../../../drivers/cli/platforms/index.ts";
import { openCliSession } from "../../../../drivers/cli/session.ts";
import { telnetLogin } from "../../../../drivers/cli/telnet/login-of.ts";
import {
  ANY_LINE,
  type DeviceSession,
  type LinePermit,
  type Operation,
  type SessionFrame,
} from "../../../../src/device/driver.ts";
import { sshTarget } from "../../../../src/device/ssh-args.ts";
import type { ByteChannel, ByteSink } from "../../../../src/device/transport/channel.ts";
import { FakeClock } from "../../../support/clock.ts";

export interface OpenOptions {
  deviceType?: string;
  secret?: string;
  secrets?: string[];
  clock?: FakeClock;
  habits?: Partial<Habits>;
  encoding?: string;
  enter?: string;
  /** Goes through a login over Telnet first, with these arguments. */
  telnet?: Partial<Parameters<typeof sshTarget>[0]>;
  signal?: AbortSignal;
  closed?: (reason: string) => void;
}

/** A CLI session over any channel, on a clock that stands still unless the test moves it. */
export function open(
  device: { open(sink: ByteSink): Promise<ByteChannel> },
  options: OpenOptions = {},
): Promise<DeviceSession<CliDriverArgs>> {
  const platform = platformOf(options.deviceType ?? "cisco_ios");
  if (platform === undefined) throw new Error(`no platform ${options.deviceType}`);
  const telnet = options.telnet && { host: "192.0.2.1", username: "admin", ...options.telnet };
  return openCliSession(
    {
      ...(telnet && { logIn: telnetLogin(sshTarget(telnet, 23), platform, { progress() {} }) }),
      platform: { ...platform, enter: options.enter ?? platform.enter },
      detected: null,
      clock: options.clock ?? new FakeClock(),
      secret: options.secret,
      encoding: options.encoding ?? "utf-8",
      unique: () => "0123456789ab",
      habits: { readSeconds: undefined, verify: undefined, ...options.habits },
      secrets: [options.secret, ...(options.secrets ?? [])],
      loginSeconds: 10,
      signal: options.signal ?? new AbortController().signal,
      progress() {},
      onClosed: options.closed ?? (() => {}),
    },
    device.open,
  );
}

export interface Outcome {
  /** What each command printed. */
  outputs: string[];
  /** How each ended; `null` when it did not. */
  ok: (boolean | null)[];
  error: unknown;
}

export const commands = (...lines: string[]): Operation => ({ kind: "command", commands: lines });
/** Commands with what stands beside each. */
export const entries = (...list: ({ command: string } & CliCommandArgs)[]): Operation => ({
  kind: "command",
  commands: list.map(({ command }) => command),
  commandArgs: list.map(({ command: _command, ...args }) => args),
});
export const config = (...lines: string[]): Operation => ({ kind: "config", lines });

/** Runs an operation to its end and sums its frames up. */
export async function run(
  session: DeviceSession<CliDriverArgs>,
  operation: Operation,
  driverArgs: CliDriverArgs = {},
  signal: AbortSignal = new AbortController().signal,
  permit: LinePermit = ANY_LINE,
): Promise<Outcome> {
  const outcome: Outcome = { outputs: [], ok: [], error: null };
  try {
    for await (const frame of session.run({ operation, driverArgs, signal, permit })) add(outcome, frame);
  } catch (error) {
    outcome.error = error;
  }
  return outcome;
}

function add(outcome: Outcome, frame: SessionFrame): void {
  const { index } = frame;
  if (frame.kind === "start") {
    outcome.outputs[index] = "";
    outcome.ok[index] = null;
  } else if (frame.kind === "data") outcome.outputs[index] += frame.text;
  else outcome.ok[index] = frame.ok;
}
