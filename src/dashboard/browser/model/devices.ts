import type { HostKey, Job, Netpulse, Worker } from "../../../client/index.ts";
import { Forbidden } from "../../../client/index.ts";

/** What is known of a device, put together of its latest jobs, its workers and its host keys. */
export interface DeviceSummary {
  host: string;
  session: Worker["session"] | "asleep";
  /** Latest first, as many as are shown. */
  jobs: Job[];
  queued: number;
  breaker: Breaker;
  hasKey: boolean;
}

/** `open`: its last job was not let through. `unknown`: nothing has ended lately. */
export type Breaker = "open" | "closed" | "unknown";

const LATEST = 1000;
const SHOWN = 10;

export async function readDevices(api: Netpulse, signal: AbortSignal): Promise<DeviceSummary[]> {
  const [jobs, workers, keys] = await Promise.all([
    api.jobs.list({ limit: LATEST, outputs: false }, { signal }),
    api.workers.list({ limit: LATEST }, { signal }),
    hostKeys(api, signal),
  ]);
  return summaries(jobs.items, workers.items, keys);
}

/** A key for the page need not be one for host keys. */
async function hostKeys(api: Netpulse, signal: AbortSignal): Promise<HostKey[]> {
  try {
    return (await api.hostKeys.list({ limit: LATEST }, { signal })).items;
  } catch (error) {
    if (error instanceof Forbidden) return [];
    throw error;
  }
}

/** Those with the latest jobs first, then those that have none among them, by name. */
export function summaries(
  jobs: readonly Job[],
  workers: readonly Worker[],
  keys: readonly HostKey[],
): DeviceSummary[] {
  const known = new Map<string, DeviceSummary>();
  const device = (host: string): DeviceSummary => {
    const found = known.get(host);
    if (found !== undefined) return found;
    const made: DeviceSummary = {
      host,
      session: "asleep",
      jobs: [],
      queued: 0,
      breaker: "unknown",
      hasKey: false,
    };
    known.set(host, made);
    return made;
  };
  for (const job of jobs) {
    const { jobs: own } = device(job.host);
    if (own.length < SHOWN) own.push(job);
    if (job.status === "queued") device(job.host).queued += 1;
  }
  for (const { host, status, session } of workers) {
    if (host !== null && status !== "dead") device(host).session = session;
  }
  for (const { host } of [...keys].sort((a, b) => a.host.localeCompare(b.host))) device(host).hasKey = true;
  for (const each of known.values()) each.breaker = breakerOf(each.jobs);
  return [...known.values()];
}

/** The node's breaker itself is in nobody's list; a job that it turned away is. */
export function breakerOf(latest: readonly Job[]): Breaker {
  const ended = latest.find(({ status }) => status === "finished" || status === "failed");
  if (ended === undefined) return "unknown";
  return ended.result?.error?.type === "CircuitOpen" ? "open" : "closed";
}
