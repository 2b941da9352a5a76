import { type Api, Api as Client } from "../../e2e/support/api.ts";
import { type Device, startDevice } from "../../e2e/support/device.ts";
import { type Netpulse, startNetpulse } from "../netpulse.ts";
import { type TempDir, tempDir } from "../tempdir.ts";

/** `netpulse serve` in a process of its own, and two simulated devices in the hands of the test. */
export interface Served {
  api: Api;
  netpulse: Netpulse;
  device: Device;
  other: Device;
  /** The database file. */
  path: string;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ServedOptions {
  env?: Record<string, string>;
  /** Default: a temporary one. */
  dataDir?: string;
}

export async function served({ env = {}, dataDir }: ServedOptions = {}): Promise<Served> {
  const folder: TempDir | null = dataDir === undefined ? tempDir("served") : null;
  const data = dataDir ?? folder?.path ?? "";
  const devices = await Promise.all([startDevice(), startDevice()]);
  const [device, other] = devices;
  const end = async () => {
    await Promise.all(devices.map((each) => each.stop()));
    folder?.remove();
  };
  try {
    const netpulse = await startNetpulse({ dataDir: data, env });
    return {
      api: new Client(netpulse),
      netpulse,
      device,
      other,
      path: `${data}/netpulse.db`,
      async [Symbol.asyncDispose]() {
        await netpulse.stop();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Asks one thing after another until `over` resolves; the longest time an answer took, ms, and how many there were. */
export async function slowest(over: Promise<unknown>, ask: () => Promise<unknown>) {
  let going = true;
  let longest = 0;
  let asked = 0;
  const done = over.finally(() => {
    going = false;
  });
  while (going) {
    const since = performance.now();
    await ask();
    longest = Math.max(longest, performance.now() - since);
    asked += 1;
  }
  await done;
  return { longest, asked };
}
