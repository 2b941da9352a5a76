import { resolve } from "node:path";
import { openStore } from "../faults/store.ts";
import { type Lab, type Netpulse, startLab, startNetpulse } from "../netpulse.ts";
import { type Child, startChild } from "../process.ts";
import type { ArrivalsReport } from "./arrivals.ts";
import { type Filled, fill } from "./fill.ts";
import {
  DEEP,
  type Measured,
  measureById,
  measureHealth,
  measureLists,
  PAGE,
  rateById,
  type Times,
} from "./measure.ts";
import { probes } from "./probes.ts";

export interface LoadParams {
  /** The store that {@link fillStore} filled. */
  url: string;
  filled: Filled;
  /** `netpulse serve`'s own folder. */
  dataDir: string;
  /** Jobs that arrive each second while it is asked. */
  rate: number;
  env?: Record<string, string>;
  progress?: (what: string) => void;
}

export interface LoadReport {
  jobs: number;
  fillSeconds: number;
  /** The database, or what Redis holds, MiB. */
  sizeMiB: number | null;
  lists: Measured[];
  byId: Times;
  health: Times;
  /** Reads of single jobs a second, 32 in flight, while nothing arrives. */
  byIdRate: number;
  arrivals: ArrivalsReport & { seconds: number; executed: number };
}

const DEVICES = 20;

/** Serves a filled store, and asks for everything while jobs arrive and run. */
export async function runLoad(params: LoadParams): Promise<LoadReport> {
  const { url, filled, dataDir, rate, env = {}, progress = () => {} } = params;
  await using lab = await startLab({ devices: DEVICES });
  await using netpulse = await startNetpulse({
    dataDir,
    env: { NETPULSE_STORAGE__URL: url, NETPULSE_WORKER__FIFO: "0", NETPULSE_LOG__LEVEL: "warn", ...env },
  });
  const ids = Object.values(filled.samples).flat();
  progress("measuring single reads");
  const byIdRate = await rateById(netpulse, ids);
  await using arriving = startArrivals(netpulse, lab, rate);
  const first = performance.now();
  await arriving.waitFor(/(\.\n){3}/);
  progress("measuring while jobs arrive");
  const lists = await measureLists(netpulse, {
    probes: probes(filled),
    deep: filled.jobs > DEEP * PAGE,
  });
  const byId = await measureById(netpulse, ids);
  const health = await measureHealth(netpulse);
  const seconds = (performance.now() - first) / 1_000;
  const arrivals = await stopped(arriving);
  return {
    jobs: filled.jobs,
    fillSeconds: filled.seconds,
    sizeMiB: await sizeOf(netpulse),
    lists,
    byId,
    health,
    byIdRate,
    arrivals: { ...arrivals, seconds, executed: await executed(netpulse, lab) },
  };
}

/** Fills an empty store. */
export async function fillStore(
  url: string,
  jobs: number,
  progress: (what: string) => void = () => {},
): Promise<Filled> {
  const storage = await openStore(url);
  const filled = await fill(storage, jobs, (stored) => progress(`stored ${stored}`));
  await storage.close();
  return filled;
}

function startArrivals({ url, key }: Netpulse, lab: Lab, rate: number): Child {
  const devices = lab.devices.map(({ host, port }) => `${host}:${port}`).join();
  return startChild([
    process.execPath,
    resolve(import.meta.dir, "arrivals-child.ts"),
    url,
    key,
    String(rate),
    devices,
  ]);
}

async function stopped(arriving: Child): Promise<ArrivalsReport> {
  await arriving.stop();
  const [line] = await arriving.waitFor(/^\{.*\}$/m);
  return JSON.parse(line) as ArrivalsReport;
}

async function sizeOf(netpulse: Netpulse): Promise<number | null> {
  const { body } = await netpulse.get<{ storage: { size_bytes: number | null } }>("/health?verbose=true");
  const { size_bytes } = body.data.storage;
  return size_bytes === null ? null : Math.round(size_bytes / 2 ** 20);
}

async function executed(netpulse: Netpulse, lab: Lab): Promise<number> {
  let total = 0;
  for (const { host, port } of lab.devices) {
    const { body } = await netpulse.get<unknown[]>(
      `/job?status=finished&queue=pinned_${host}:${port}&limit=500&result=false`,
    );
    total += body.data.length;
  }
  return total;
}
