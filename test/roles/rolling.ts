import { expect } from "bun:test";
import type { Api } from "../e2e/support/api.ts";
import type { Job } from "../e2e/support/contract.ts";
import { type Device, startDevice } from "../e2e/support/device.ts";
import { on } from "../e2e/support/held-job.ts";
import { type StoreName, startFleet } from "./fleet.ts";

/** How long the devices take to answer, ms: none of the jobs is over at once, some last for a while. */
const LATENCIES = [0, 20, 50, 100, 200, 400];
/** Jobs that end between two restarts at least. */
const BETWEEN = 10;

interface Sent {
  device: Device;
  command: string;
  job: Job;
}

/** Sends jobs one after another on each of several lines, pinned and FIFO, until it is told to stop. */
class Stream {
  readonly sent: Sent[] = [];
  readonly #api: Api;
  readonly #devices: readonly Device[];
  readonly #lines: Promise<void>[];
  #wake: () => void = () => {};
  #stopped = false;

  constructor(api: Api, devices: readonly Device[], lines: number) {
    this.#api = api;
    this.#devices = devices;
    this.#lines = Array.from({ length: lines }, (_, line) => this.#line(line));
  }

  /** Resolves when so many more jobs have ended. */
  async more(count: number): Promise<void> {
    const enough = this.sent.length + count;
    const failing = Promise.all(this.#lines);
    while (this.sent.length < enough) {
      const woken = Promise.withResolvers<void>();
      this.#wake = woken.resolve;
      await Promise.race([woken.promise, failing]);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#lines);
  }

  async #line(line: number): Promise<void> {
    for (let n = line; !this.#stopped; n++) {
      const device = this.#devices[n % this.#devices.length];
      if (device === undefined) throw new Error("there is no device");
      const command = `show running-config | include line${line}job${n}x`;
      const queue_strategy = (n >> 2) % 2 === 0 ? "pinned" : "fifo";
      const job = await this.#api.run(on(device, { command, queue_strategy }), 60_000);
      this.sent.push({ device, command, job });
      this.#wake();
    }
  }
}

export interface Restarts {
  store: StoreName;
  nodes: number;
  rounds: number;
}

/** Restarts each of the nodes in turn, `rounds` times, while jobs come in; returns how many there were. */
export async function restartUnderLoad({ store, nodes, rounds }: Restarts): Promise<number> {
  const names = Array.from({ length: nodes }, (_, n) => `n${n + 1}`);
  const devices = await Promise.all(LATENCIES.map((latencyMs) => startDevice({ latencyMs })));
  try {
    const env = {
      NETPULSE_WORKER__DRAIN_GRACE: "30",
      NETPULSE_WORKER__FIFO: "2",
      NETPULSE_SESSION__PER_DEVICE: "8",
    };
    await using fleet = await startFleet(env, store);
    const running = new Map(
      await Promise.all(names.map(async (name) => [name, await fleet.node(name)] as const)),
    );
    const stream = new Stream(fleet.api, devices, 2 * devices.length);
    for (let round = 0; round < rounds; round++) {
      for (const [name, child] of running) {
        await stream.more(BETWEEN);
        child.kill("SIGTERM");
        expect(await child.exited).toEqual({ code: 0, signal: null });
        expect(child.output()).not.toContain('"level":"error"');
        running.set(name, await fleet.node(name));
      }
    }
    await stream.more(BETWEEN);
    await stream.stop();
    expectEachOnce(stream.sent);
    expect(new Set(stream.sent.map(({ job }) => job.node))).toEqual(new Set(names));
    return stream.sent.length;
  } finally {
    await Promise.all(devices.map((device) => device.stop()));
  }
}

function expectEachOnce(sent: readonly Sent[]): void {
  const spoiled = sent.filter(({ device, command, job }) => {
    return job.status !== "finished" || job.attempts !== 1 || device.count(command) !== 1;
  });
  expect(spoiled.map(({ device, command, job }) => ({ job, seen: device.count(command) }))).toEqual([]);
}
