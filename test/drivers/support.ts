import { systemClock } from "../../src/core/clock.ts";
import {
  ANY_LINE,
  type ConnectContext,
  type DeviceSession,
  type LinePermit,
  type Operation,
  type SessionFrame,
} from "../../src/device/driver.ts";
import { SshShared } from "../../src/device/transport/ssh-shared.ts";
import { SSH_TERMS, TLS_TERMS } from "../support/ssh-terms.ts";

/** What a driver needs to connect, with whatever the test wants otherwise. */
export function context<C>(args: C, more: Partial<ConnectContext<C>> = {}): ConnectContext<C> {
  return {
    args,
    signal: new AbortController().signal,
    clock: systemClock,
    guard: { assertMayWrite() {} },
    verifyHostKey: async () => {},
    ssh: new SshShared(SSH_TERMS, systemClock),
    tls: TLS_TERMS,
    progress() {},
    onClosed() {},
    ...more,
  };
}

export interface Ran {
  outputs: { stdout: string; stderr: string; ok: boolean | null; exitStatus: number | null }[];
  error: unknown;
}

/** Runs an operation to its end; `onFrame` sees each frame as it comes. */
export async function run<A>(
  session: DeviceSession<A>,
  operation: Operation,
  driverArgs: A,
  options: { signal?: AbortSignal; permit?: LinePermit; onFrame?: (frame: SessionFrame) => void } = {},
): Promise<Ran> {
  const { permit = ANY_LINE } = options;
  const signal = options.signal ?? new AbortController().signal;
  return collect(session.run({ operation, driverArgs, signal, permit }), options.onFrame);
}

/** What frames come to. */
export async function collect(
  frames: AsyncIterable<SessionFrame> | Iterable<SessionFrame>,
  onFrame?: (frame: SessionFrame) => void,
): Promise<Ran> {
  const outputs: Ran["outputs"] = [];
  try {
    for await (const frame of frames) {
      add(outputs, frame);
      onFrame?.(frame);
    }
    return { outputs, error: null };
  } catch (error) {
    return { outputs, error };
  }
}

function add(outputs: Ran["outputs"], frame: SessionFrame): void {
  if (frame.kind === "start") outputs[frame.index] = { stdout: "", stderr: "", ok: null, exitStatus: null };
  const output = outputs[frame.index];
  if (output === undefined) throw new Error(`frame of ${frame.index} before its start`);
  if (frame.kind === "data") output[frame.stream] += frame.text;
  if (frame.kind === "end") Object.assign(output, { ok: frame.ok, exitStatus: frame.exitStatus });
}
