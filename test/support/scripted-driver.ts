import { addressArgs, portArg } from "../../src/device/address-args.ts";
import {
  type ConnectContext,
  type DeviceSession,
  defineDriver,
  type RunRequest,
  type SessionFrame,
  Type,
} from "../../src/device/driver.ts";

/** What the scripted device does with a run. May throw, wait for the signal, or yield without end. */
export type Script = (
  request: RunRequest<object>,
  context: ConnectContext<unknown>,
) => AsyncIterable<SessionFrame>;

/** Prints each command back as its output. */
export const echoScript: Script = async function* ({ operation }) {
  const lines = operation.kind === "command" ? operation.commands : operation.lines;
  for (const [index, line] of lines.entries()) {
    yield { kind: "start", index };
    yield { kind: "data", index, stream: "stdout", text: `${line}\n` };
    yield { kind: "end", index, ok: true, exitStatus: 0 };
  }
};

/** What the scripted device does beside its runs. */
export interface ScriptedDevice {
  /** Called when a session is to be opened; may throw. */
  connect?(context: ConnectContext<unknown>): Promise<void>;
  health?(): Promise<boolean>;
  /** What its sessions say it is. */
  platform?: string;
}

/** A device that never answers who connects. */
export function untilAborted({ signal }: ConnectContext<unknown>): Promise<void> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

const hop = Type.Object(
  { host: Type.String(), username: Type.String(), password: Type.Optional(Type.String({ secret: true })) },
  { additionalProperties: false },
);

/** A driver over a script instead of a network, with what was done to its sessions on record. */
export function scriptedDriver(script: Script = echoScript, device: ScriptedDevice = {}) {
  const log: string[] = [];
  let count = 0;
  const driver = defineDriver({
    name: "scripted",
    aliases: ["script"],
    summary: "for tests",
    defaultQueue: "pinned",
    defaultPort: 22,
    operations: ["command", "config"],
    connectionArgs: Type.Object(
      {
        ...addressArgs,
        port: portArg(22),
        username: Type.String(),
        password: Type.Optional(Type.String({ secret: true })),
        jump_hosts: Type.Optional(Type.Array(hop)),
      },
      { additionalProperties: false },
    ),
    driverArgs: Type.Object({ read_timeout: Type.Optional(Type.Number()) }, { additionalProperties: false }),
    check: ({ operation }) =>
      operation.kind === "command" && operation.commands.includes("\u0003")
        ? [{ loc: ["command"], msg: "holds a control character" }]
        : [],
    async connect(context): Promise<DeviceSession<object>> {
      const id = ++count;
      context.signal.throwIfAborted();
      log.push(`connect ${id}`);
      await device.connect?.(context);
      return {
        get platform() {
          return device.platform ?? null;
        },
        async *run(request) {
          log.push(`run ${id}`);
          yield* script(request, context);
        },
        async health() {
          log.push(`health ${id}`);
          return (await device.health?.()) ?? true;
        },
        async close() {
          log.push(`close ${id}`);
        },
        destroy() {
          log.push(`destroy ${id}`);
        },
      };
    },
  });
  return { driver, log };
}
