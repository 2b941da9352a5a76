import type { Algorithms } from "ssh2";
import type { Clock } from "../core/clock.ts";
import { StartupError } from "../core/errors.ts";
import type { Fault } from "./fault.ts";
import type { LineEnd } from "./terminal/line-editor.ts";

/**
 * What happens on a device, for whoever watches. `session` counts the device's connections from 1. `answered`: it is
 * done with the last line of that session, and prompts for the next.
 */
export type LabEvent = { device: number; session: number } & (
  | { type: "connected"; peer: string }
  | { type: "refused"; why: "no-free-line" }
  | { type: "login"; user: string }
  | { type: "login-refused"; user: string }
  | { type: "line"; text: string; end: LineEnd }
  | { type: "answered" }
  | { type: "closed" }
  | { type: "error"; message: string }
);

/**
 * SSH algorithms to offer, most wanted first; what is left out keeps its default. The default key
 * exchanges are elliptic curves only: under Bun the classic groups can block the event loop.
 */
export type LabAlgorithms = Pick<Algorithms, "kex" | "cipher" | "hmac" | "serverHostKey">;

export interface LabOptions {
  clock: Clock;
  /** A platform's name. Default `cisco_ios`. */
  platform?: string;
  /** How many. Default 1. */
  devices?: number;
  /** Address to listen on. Default 127.0.0.1; anything else opens the lab to a network. */
  host?: string;
  /** Port of the first device, the next ones follow; 0 (the default) takes a free port for each. */
  port?: number;
  /** The same for Telnet, beside SSH. Null (the default): the devices have none. */
  telnetPort?: number | null;
  /** Wait before each answer. Default 0. */
  latencyMs?: number;
  /** Bytes in one write; 0 (the default) writes what there is. */
  chunkSize?: number;
  /** Keeps the host key over restarts; made with mode 0600 if it is missing. Without, a new key each start. */
  hostKeyFile?: string;
  username?: string;
  password?: string;
  /** Password of the privileged mode; empty: none is asked for. */
  enable?: string;
  /** 15: logins land privileged. Default 1. */
  privilege?: 1 | 15;
  /** `{n}` stands for the device's number from 1. Default `lab-{n}`. */
  hostname?: string;
  /** Terminal lines of a device: connections beyond it are closed. Default 16. */
  lines?: number;
  algorithms?: LabAlgorithms;
  /** Default `none`. */
  fault?: Fault;
  /** Faults of single devices, which count from 0; the others have `fault`. */
  faults?: ReadonlyMap<number, Fault>;
  /** What is random in a fault follows from it. Default 1. */
  seed?: number;
  onEvent?: (event: LabEvent) => void;
}

export type LabSettings = Required<Omit<LabOptions, "hostKeyFile" | "onEvent">> &
  Pick<LabOptions, "hostKeyFile" | "onEvent">;

/** Fills in the defaults. Throws `StartupError` for what cannot be. */
export function labSettings(options: LabOptions): LabSettings {
  const settings: LabSettings = {
    platform: "cisco_ios",
    devices: 1,
    host: "127.0.0.1",
    port: 0,
    telnetPort: null,
    latencyMs: 0,
    chunkSize: 0,
    username: "admin",
    password: "admin",
    enable: "admin",
    privilege: 1,
    hostname: "lab-{n}",
    lines: 16,
    algorithms: {},
    fault: "none",
    faults: new Map(),
    seed: 1,
    ...options,
  };
  check("devices", settings.devices, 1, 65_535);
  check("port", settings.port, 0, 65_535);
  check("telnetPort", settings.telnetPort ?? 0, 0, 65_535);
  check("latencyMs", settings.latencyMs, 0, 3_600_000);
  check("chunkSize", settings.chunkSize, 0, 1_048_576);
  check("lines", settings.lines, 1, 1024);
  for (const device of settings.faults.keys()) {
    check("the number of a device with a fault", device + 1, 1, settings.devices);
  }
  checkPorts(settings);
  return settings;
}

function checkPorts({ devices, port, telnetPort }: LabSettings): void {
  for (const first of [port, telnetPort ?? 0]) {
    const last = first + devices - 1;
    if (first > 0 && last > 65_535)
      throw new StartupError(`${devices} devices from port ${first} need ports up to ${last}`);
  }
  if (port > 0 && telnetPort !== null && telnetPort > 0 && Math.abs(port - telnetPort) < devices) {
    throw new StartupError(`the ports of SSH from ${port} and of Telnet from ${telnetPort} overlap`);
  }
}

function check(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new StartupError(`lab: ${name} must be a whole number from ${low} to ${high}, not ${value}`);
}
