import { addressArgs, portArg } from "../../src/device/address-args.ts";
import {
  type ConnectContext,
  DeviceError,
  type DeviceSession,
  type Driver,
  defineDriver,
  type RunRequest,
  type SessionFrame,
  Type,
} from "../../src/device/driver.ts";
import type { Typed } from "../support/faults/deliveries.ts";
import type { SimProcess } from "./process.ts";
import type { Timeline } from "./timeline.ts";

const connectionArgs = Type.Object({ ...addressArgs, port: portArg(22) }, { additionalProperties: false });
const driverArgs = Type.Object({}, { additionalProperties: false });

/** Later ones would put off what comes behind them beyond the time that all jobs have in the end. */
const HANGS_UNTIL_MS = 5_000;
/** Commands that begin so take their time. */
export const SLOW = "slow";
/** Commands that begin so are refused by the device. */
export const BAD = "bad";

/** One connection, as the device sees it. */
interface Line {
  id: number;
  device: string;
  process: SimProcess;
  open: boolean;
  current: Typed | null;
  /** Tells the process's end. */
  lost(reason: string): void;
}

/**
 * All devices: they do what they are told, slowly, and write down what was typed, on which line and when. Only
 * these notes count for what "reached a device".
 */
export class Devices {
  readonly typed: Typed[] = [];
  readonly #timeline: Timeline;
  readonly #lines = new Set<Line>();
  readonly #downUntil = new Map<string, number>();
  #count = 0;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** The device closes all its lines and lets nobody in for a while. */
  drop(device: string, ms: number): void {
    this.#timeline.note(`${device} drops its lines for ${ms}`);
    this.#downUntil.set(device, this.#timeline.now + ms);
    for (const line of [...this.#lines].filter((each) => each.device === device)) {
      this.#close(line);
      line.process.deliver(() => line.lost("the device closed the connection"));
    }
  }

  /** Processes with a command under way. */
  busy(): SimProcess[] {
    return [...this.#lines].filter(({ current }) => current !== null).map(({ process }) => process);
  }

  driverFor(process: SimProcess): Driver {
    return defineDriver({
      name: "simulated",
      aliases: [],
      summary: "a device of the simulator",
      defaultQueue: "pinned",
      defaultPort: 22,
      operations: ["command"],
      connectionArgs,
      driverArgs,
      check: () => [],
      connect: (context) => this.#connect(process, context),
    });
  }

  async #connect(process: SimProcess, context: ConnectContext<unknown>): Promise<DeviceSession<object>> {
    const { host } = context.args as { host: string };
    await this.#wait(process, this.#timeline.random.whole(5, 60), context.signal);
    if (this.#timeline.now < (this.#downUntil.get(host) ?? 0)) {
      throw new DeviceError("ConnectionError", "connection refused");
    }
    const line: Line = {
      id: ++this.#count,
      device: host,
      process,
      open: true,
      current: null,
      lost: context.onClosed,
    };
    this.#lines.add(line);
    process.onDeath(() => this.#close(line));
    process.onStall((to) => line.current?.unattended.push({ from: this.#timeline.now, to }));
    this.#timeline.note(`${host} line ${line.id} opened by ${process.name}`);
    return {
      run: (request) => this.#run(line, context, request),
      health: async () => line.open,
      close: async () => this.#close(line),
      destroy: () => this.#close(line),
    };
  }

  async *#run(
    line: Line,
    { guard }: ConnectContext<unknown>,
    { operation, signal }: RunRequest<object>,
  ): AsyncGenerator<SessionFrame> {
    const commands = operation.kind === "command" ? operation.commands : operation.lines;
    for (const [index, command] of commands.entries()) {
      signal.throwIfAborted();
      if (!line.open) throw closed();
      guard.assertMayWrite();
      const typed = this.#type(line, command);
      yield { kind: "start", index };
      await this.#answered(line, typed, signal);
      if (command.startsWith(BAD)) throw new DeviceError("CommandError", "the device refused the command");
      yield { kind: "data", index, stream: "stdout", text: `${command}\n` };
      yield { kind: "end", index, ok: true, exitStatus: 0 };
    }
  }

  #type(line: Line, command: string): Typed {
    const { now } = this.#timeline;
    const { id, device } = line;
    const typed = { at: now, device, line: id, command, endedAt: null, done: false, unattended: [] };
    this.#timeline.note(`${line.device} line ${line.id}: ${command}`);
    this.typed.push(typed);
    line.current = typed;
    return typed;
  }

  #answered(line: Line, typed: Typed, signal: AbortSignal): Promise<void> {
    const { random } = this.#timeline;
    const hangs = this.#timeline.now < HANGS_UNTIL_MS && random.chance(0.004);
    const slow = typed.command.startsWith(SLOW) || random.chance(0.05);
    const ms = slow ? random.whole(200, 700) : random.whole(1, 60);
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      line.lost = chained(line.lost, () => reject(closed()));
      if (hangs) return;
      this.#timeline.after(ms, () => {
        if (!line.open) return;
        this.#finish(line, typed);
        line.process.deliver(resolve);
      });
    });
  }

  #finish(line: Line, typed: Typed): void {
    typed.done = true;
    typed.endedAt = this.#timeline.now;
    line.current = null;
  }

  #close(line: Line): void {
    if (!line.open) return;
    line.open = false;
    this.#lines.delete(line);
    this.#timeline.note(`${line.device} line ${line.id} closed`);
    if (line.current) line.current.endedAt = this.#timeline.now;
  }

  async #wait(process: SimProcess, ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      this.#timeline.after(ms, () => process.deliver(resolve));
    });
  }
}

function closed(): DeviceError {
  return new DeviceError("ConnectionError", "the device closed the connection");
}

function chained(first: (reason: string) => void, second: (reason: string) => void) {
  return (reason: string) => {
    first(reason);
    second(reason);
  };
}
