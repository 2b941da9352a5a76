import { type DeviceHandle, LabDevice } from "./device.ts";
import { hostKey } from "./host-key.ts";
import { type LabOptions, labSettings } from "./options.ts";
import { platformByName } from "./platforms/index.ts";

export type { DeviceCounts, DeviceHandle } from "./device.ts";
export { FAULT_NAMES, type Fault } from "./fault.ts";
export type { ReceivedLine } from "./line-log.ts";
export type { LabAlgorithms, LabEvent, LabOptions } from "./options.ts";

/** Listeners opened at a time while a lab starts. */
const STARTING_AT_ONCE = 64;

export interface LabAddress {
  host: string;
  port: number;
  /** Absent where there is no Telnet. */
  telnetPort?: number;
  name: string;
}

/** Simulated devices, ready to be logged in to. */
export interface Lab {
  platform: string;
  addresses: LabAddress[];
  /** `SHA256:…` of the host key all devices share. */
  fingerprint: string;
  /** Counts from 0. */
  device(index: number): DeviceHandle;
  /** Closes all listeners and connections. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts simulated network devices that speak real SSH, and Telnet if wanted. Rejects with `StartupError` for options that
 * cannot be and for ports that cannot be had; nothing listens then.
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const settings = labSettings(options);
  const platform = platformByName(settings.platform);
  const key = await hostKey(settings.hostKeyFile);
  const devices = Array.from(
    { length: settings.devices },
    (_, index) => new LabDevice(settings, platform, key, index),
  );
  await startAll(devices, settings.port, settings.telnetPort ?? 0);
  return {
    platform: platform.name,
    addresses: devices.map(({ host, port, telnetPort, name }) => ({
      host,
      port,
      ...(telnetPort === null ? {} : { telnetPort }),
      name,
    })),
    fingerprint: fingerprint(key.getPublicSSH()),
    device: (index) => pick(devices, index),
    stop: () => stopAll(devices),
  };
}

async function startAll(devices: readonly LabDevice[], first: number, firstTelnet: number): Promise<void> {
  for (let from = 0; from < devices.length; from += STARTING_AT_ONCE) {
    const some = devices.slice(from, from + STARTING_AT_ONCE);
    const port = (base: number, i: number) => (base === 0 ? 0 : base + from + i);
    const starts = some.map((device, i) => device.start(port(first, i), port(firstTelnet, i)));
    const failed = (await Promise.allSettled(starts)).find((start) => start.status === "rejected");
    if (!failed) continue;
    await stopAll(devices);
    throw failed.reason;
  }
}

async function stopAll(devices: readonly LabDevice[]): Promise<void> {
  await Promise.all(devices.map((device) => device.stop()));
}

function pick(devices: readonly LabDevice[], index: number): LabDevice {
  const device = devices[index];
  if (!device) throw new RangeError(`no device ${index}: the lab has ${devices.length}, counted from 0`);
  return device;
}

function fingerprint(publicKey: Buffer): string {
  const digest = new Bun.CryptoHasher("sha256").update(publicKey).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}
