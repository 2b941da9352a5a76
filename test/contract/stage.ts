import { expect } from "bun:test";
import {
  type JobView,
  type Lab,
  type Netpulse,
  startLab,
  startNetpulse,
  type WorkerView,
} from "../support/netpulse.ts";
import { freePort } from "../support/ports.ts";
import { fillIn, type Values } from "./placeholders.ts";
import { type Relay, startRelay } from "./relay.ts";

export const FIFO_WORKERS = 2;
export const NODE = "contract-node";

/** Prints a line every 200 ms, for hours. */
const ENDLESS = "test tail 100000 200";

/** A running product and devices for it. */
export interface Stage {
  readonly product: Netpulse;
  /** Milliseconds since 1970, from before anything was started. */
  readonly since: number;
  /** Another device, at an address no other has. */
  device(): Promise<Device>;
  /** The queue of a device that is not there: nothing listens at its address. */
  absentDevice(): Promise<Target>;
  /** A block with this product's address and key, and what else it prints. */
  fill(text: string, values?: Values): string;
  job(id: string): Promise<JobView>;
  worker(name: string): Promise<WorkerView | undefined>;
  stop(): Promise<void>;
}

/** Where jobs can be sent. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly queue: string;
  /** Sends a job, `show version` unless said otherwise, and returns it as it was accepted. */
  submit(options?: SubmitOptions): Promise<JobView>;
}

export interface SubmitOptions {
  command?: string;
  queue_strategy?: "fifo" | "pinned";
}

export interface Device extends Target, Relay {
  /** Its own address, past the relay. */
  readonly direct: { host: string; port: number };
  /** A job that has finished, which leaves a worker with a session. */
  finished(): Promise<JobView>;
  /** A job that has started and would run for hours. */
  started(): Promise<JobView>;
  /** A device whose worker takes nothing: its worker's name. */
  suspended(): Promise<string>;
}

export interface StageOptions {
  env?: Record<string, string>;
  devices: number;
  /** The third number of the devices' addresses, so that no two stages share one. */
  network: number;
}

export async function startStage(options: StageOptions): Promise<Stage> {
  const since = Date.now();
  const lab = await startLab({ devices: options.devices });
  try {
    const product = await startNetpulse({
      env: { NETPULSE_WORKER__FIFO: String(FIFO_WORKERS), NETPULSE_NODE__NAME: NODE, ...options.env },
    });
    return stageOf(product, lab, since, options.network);
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

function stageOf(product: Netpulse, lab: Lab, since: number, network: number): Stage {
  const relays: Relay[] = [];
  let addresses = 0;
  const nextHost = () => `127.0.${network}.${++addresses}`;
  const stage: Stage = {
    product,
    since,
    async device() {
      const direct = lab.devices[relays.length];
      if (direct === undefined) throw new Error(`more than ${lab.devices.length} devices are needed`);
      const relay = await startRelay(nextHost(), direct);
      relays.push(relay);
      return deviceOf(stage, relay, direct);
    },
    async absentDevice() {
      return targetOf(product, nextHost(), await freePort());
    },
    fill: (text, values = {}) =>
      fillIn(text, {
        "your-api-key-here": product.key,
        your_key: product.key,
        "localhost:9000": `localhost:${new URL(product.url).port}`,
        ...values,
      }),
    async job(id) {
      const [job] = (await product.get(`/job?id=${id}`)).body.data;
      if (job === undefined) throw new Error(`no job ${id}`);
      return job;
    },
    async worker(name) {
      const { body } = await product.get<WorkerView[]>("/worker");
      return body.data.find((worker) => worker.name === name);
    },
    async stop() {
      for (const relay of relays) relay.cut();
      await product.stop();
      await lab.stop();
      for (const relay of relays) await relay.stop();
    },
  };
  return stage;
}

function targetOf(product: Netpulse, host: string, port: number): Target {
  return {
    host,
    port,
    queue: `pinned_${host}:${port}`,
    submit: ({ command = "show version", ...options } = {}) =>
      product.exec({
        driver: "netmiko",
        connection_args: {
          device_type: "cisco_ios",
          ...{ host, port, username: "admin", password: "admin", secret: "admin" },
        },
        command,
        ...options,
      }),
  };
}

function deviceOf(stage: Stage, relay: Relay, direct: Device["direct"]): Device {
  const target = targetOf(stage.product, relay.host, relay.port);
  const { product } = stage;
  const finished = async () => {
    const job = await product.ended((await target.submit()).id);
    expect(job.status).toBe("finished");
    return job;
  };
  return {
    ...relay,
    ...target,
    direct,
    finished,
    async started() {
      const asked = relay.asked();
      const { id } = await target.submit({ command: ENDLESS });
      await asked;
      return await stage.job(id);
    },
    async suspended() {
      const { worker } = await finished();
      const { status } = await product.post(`/worker/suspend?queue=${target.queue}`, undefined);
      expect(status).toBe(200);
      return worker ?? "";
    },
  };
}
