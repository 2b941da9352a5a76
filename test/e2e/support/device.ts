import { type Clock, systemClock, type Timer } from "../../../src/core/clock.ts";
import { type DeviceHandle, type LabEvent, type LabOptions, startLab } from "../../../src/lab/lab.ts";

/** A simulated device in the hands of a test, which sees every line it gets and decides when it answers. */
export interface Device {
  readonly handle: DeviceHandle;
  /** As it was started. */
  readonly settings: DeviceOptions;
  /** A request's `connection_args` for it, with whatever the test wants otherwise. */
  args(more?: Record<string, unknown>): Record<string, unknown>;
  /** The name of its pinned queue. */
  readonly queue: string;
  /** Every line it received, oldest first, those typed without echo left out. */
  lines(): string[];
  /** How often it received this line. */
  count(line: string): number;
  /** Resolves once it has received the line `times` times in all. */
  received(line: string, times?: number): Promise<void>;
  /** Resolves once as many connections are open as that. */
  open(connections: number): Promise<void>;
  /** From now on the device takes so many milliseconds to answer this line. */
  delay(line: string, ms: number): void;
  /** From now on the device takes this line but says nothing, not even a prompt, until {@link release}. */
  hold(line: string): void;
  /** Answers everything that is held, and neither holds nor delays anything from now on. */
  release(): void;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export type DeviceOptions = Omit<LabOptions, "clock" | "onEvent">;

/** Stands for "until released"; told from a real latency by its value. */
const HELD_MS = 3_599_999;

/** A clock on which what is held ends when the test says so. */
class HoldingClock implements Clock {
  #held = new Set<() => void>();

  now(): number {
    return systemClock.now();
  }

  monotonic(): number {
    return systemClock.monotonic();
  }

  after(ms: number, run: () => void): Timer {
    if (ms !== HELD_MS) return systemClock.after(ms, run);
    this.#held.add(run);
    return { cancel: () => void this.#held.delete(run) };
  }

  release(): void {
    const held = [...this.#held];
    this.#held.clear();
    for (const run of held) run();
  }
}

/** Who waits for something to become true of the device. */
class Watch {
  #waiting = new Set<() => void>();

  changed(): void {
    for (const check of this.#waiting) check();
  }

  for(what: string, isTrue: () => boolean, deadline = 15_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        settle();
      };
      const check = () => {
        if (isTrue()) end(resolve);
      };
      const timer = setTimeout(
        () => end(() => reject(new Error(`waited ${deadline} ms in vain: ${what}`))),
        deadline,
      );
      this.#waiting.add(check);
      check();
    });
  }
}

let addresses = 0;

/** An address of the loopback network for each device: they differ in `host`, as real ones do. */
function ownAddress(): string {
  addresses += 1;
  return `127.0.1.${addresses}`;
}

/** One simulated device, in this process; a `cisco_ios` unless `options` say otherwise. */
export async function startDevice(options: DeviceOptions = {}): Promise<Device> {
  const clock = new HoldingClock();
  const watch = new Watch();
  const latencies = new Map<string, number>();
  const usual = options.latencyMs ?? 0;
  const onEvent = (event: LabEvent) => {
    const latency = event.type === "line" ? latencies.get(event.text) : undefined;
    if (latency !== undefined) {
      handle.setLatency(latency);
      // The device has read it by then; its other sessions go on as usual.
      queueMicrotask(() => handle.setLatency(usual));
    }
    watch.changed();
  };
  const lab = await startLab({ host: ownAddress(), ...options, clock, onEvent });
  const handle = lab.device(0);
  const lines = () =>
    handle
      .log()
      .filter((line) => !line.hidden)
      .map((line) => line.text);
  const count = (text: string) => lines().filter((line) => line === text).length;
  const release = () => {
    latencies.clear();
    clock.release();
  };
  const stop = async () => {
    release();
    await lab.stop();
  };
  return {
    handle,
    settings: options,
    queue: `pinned_${handle.host}:${handle.port}`,
    args: (more = {}) => ({
      host: handle.host,
      port: handle.port,
      username: "admin",
      password: "admin",
      secret: "admin",
      device_type: options.platform ?? "cisco_ios",
      ...more,
    }),
    lines,
    count,
    received: (line, times = 1) =>
      watch.for(
        `the device receives ${JSON.stringify(line)} ${times} times; it received:\n${lines().join("\n")}`,
        () => count(line) >= times,
      ),
    open: (connections) =>
      watch.for(`${connections} open connections`, () => handle.counts().open === connections),
    delay: (line, ms) => void latencies.set(line, ms),
    hold: (line) => void latencies.set(line, HELD_MS),
    release,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
