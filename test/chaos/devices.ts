import { systemClock } from "../../src/core/clock.ts";
import { type DeviceHandle, type Lab, type LabEvent, startLab } from "../../src/lab/lab.ts";
import type { Typed } from "../support/faults/deliveries.ts";
import { deviceAddress } from "../support/network.ts";

/** How long the devices take to answer, ms, in turn: some of what the last one is told outlasts a lease. */
const LATENCIES = [5, 20, 40, 80, 150, 300];
/** How long a process that is let go on may take to do what it has missed. */
const WAKING_MS = 2_000;
/** Connections beyond these are refused: no client of a device may count on more. */
const LINES = 12;

export interface Login {
  username: string;
  password: string;
  enable: string;
}

export interface DevicesOptions {
  count: number;
  latency?: number | undefined;
  login: Login;
  /** Tells what a client asked for from what a session needs for itself. */
  isCommand(text: string): boolean;
}

/** A connection, as the device sees it. */
interface Line {
  peer: string;
  current: Typed | null;
}

/** The routers of a run, and the notes of what they were told: only these count for what "reached a device". */
export class Devices {
  readonly typed: Typed[] = [];
  readonly #labs: Lab[];
  readonly #lines: Map<string, Line>;

  private constructor(labs: Lab[], lines: Map<string, Line>) {
    this.#labs = labs;
    this.#lines = lines;
  }

  static async start({ count, latency, login, isCommand }: DevicesOptions): Promise<Devices> {
    const lines = new Map<string, Line>();
    const labs = await Promise.all(
      Array.from({ length: count }, (_, index) =>
        startLab({
          clock: systemClock,
          host: deviceAddress(index),
          port: 22,
          latencyMs: latency ?? LATENCIES[index % LATENCIES.length] ?? 0,
          lines: LINES,
          seed: index,
          ...login,
          onEvent: (event) => devices.#note(index, event, isCommand),
        }),
      ),
    );
    const devices = new Devices(labs, lines);
    return devices;
  }

  get handles(): DeviceHandle[] {
    return this.#labs.map((lab) => lab.device(0));
  }

  /**
   * Notes that from now on nobody on that machine can stop what it has under way here. The answer is to be called when
   * somebody can again; who was cut off may find its lines dead, so that it never is.
   */
  unattended(peer: string): () => void {
    const lines = [...this.#lines.values()].filter((line) => line.peer === peer);
    const spans = lines.flatMap(({ current }) => {
      const span = { from: Date.now(), to: Number.MAX_SAFE_INTEGER };
      current?.unattended.push(span);
      return current === null ? [] : [span];
    });
    return () => {
      for (const span of spans) span.to = Date.now() + WAKING_MS;
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#labs.map((lab) => lab.stop()));
  }

  #note(index: number, event: LabEvent, isCommand: (text: string) => boolean): void {
    const key = `${index}/${event.session}`;
    if (event.type === "connected") return void this.#lines.set(key, { peer: event.peer, current: null });
    const line = this.#lines.get(key);
    if (line === undefined) return;
    if (event.type === "line" && event.end === "enter" && isCommand(event.text)) {
      const number = index * 1_000_000 + event.session;
      line.current = {
        at: Date.now(),
        device: deviceAddress(index),
        line: number,
        command: event.text,
        endedAt: null,
        done: false,
        unattended: [],
      };
      this.typed.push(line.current);
    } else if (event.type === "answered" && line.current !== null) {
      Object.assign(line.current, { endedAt: Date.now(), done: true });
      line.current = null;
    } else if (event.type === "closed") {
      if (line.current !== null) line.current.endedAt ??= Date.now();
      this.#lines.delete(key);
    }
  }
}
