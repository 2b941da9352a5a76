import { ANY_LINE, type ConnectContext, DeviceError, type DeviceSession } from "../../src/device/driver.ts";
import type { CliConnectionArgs, CliDriverArgs } from "./args.ts";
import { connectAs } from "./connect.ts";
import type { Detection, Platform } from "./platform.ts";
import generic from "./platforms/generic.ts";
import { platforms } from "./platforms/index.ts";

/** A version does not take more of a command's output. */
const MAX_OUTPUT = 16 * 1024;
const MAX_LINE = 400;

/** Talks to a device of which nothing is known, and answers what any platform may be asked at login. */
const unknown: Platform = { ...generic, onLogin: platforms.flatMap(({ onLogin }) => onLogin) };

/**
 * Logs in, asks the device what it is, and logs in again as one of that platform: login options and the first
 * commands of a session depend on it.
 */
export async function connectDetected(
  context: ConnectContext<CliConnectionArgs>,
): Promise<DeviceSession<CliDriverArgs>> {
  context.progress("finding out what the device is");
  const probe = await connectAs(unknown, { ...context, onClosed() {} });
  let platform: Platform;
  try {
    platform = await detect(probe, context.signal);
  } finally {
    await probe.close();
  }
  return await connectAs(platform, context, platform.deviceType);
}

async function detect(session: DeviceSession<CliDriverArgs>, signal: AbortSignal): Promise<Platform> {
  const tried: string[] = [];
  for (const send of new Set(platforms.flatMap(({ detect }) => detect?.send ?? []))) {
    const lines = await ask(session, send, signal);
    const found = platforms.find(({ detect }) => detect?.send === send && saysSo(detect, lines));
    if (found !== undefined) return found;
    tried.push(send);
  }
  throw new DeviceError(
    "PromptError",
    `autodetect knows no such device: it answered as none to ${tried.join(", ")}; name its device_type, or generic`,
  );
}

/** Whether a device of that kind says this. */
export function saysSo({ says }: Detection, lines: readonly string[]): boolean {
  return says.every((pattern) => lines.some((line) => pattern.test(line)));
}

/** What the device prints for a command, whether it knows it or not. */
async function ask(
  session: DeviceSession<CliDriverArgs>,
  command: string,
  signal: AbortSignal,
): Promise<string[]> {
  let text = "";
  try {
    const operation = { kind: "command" as const, commands: [command] };
    for await (const frame of session.run({ operation, driverArgs: {}, signal, permit: ANY_LINE })) {
      if (frame.kind === "data") text = (text + frame.text).slice(0, MAX_OUTPUT);
    }
  } catch (error) {
    if (!(error instanceof DeviceError) || error.type !== "CommandError") throw error;
  }
  return text.split("\n").map((line) => line.slice(0, MAX_LINE).trimEnd());
}
