import type { SessionState, Worker, WorkerStatus } from "../storage.ts";
import { unpack } from "./codec.ts";
import type { Reply } from "./link.ts";
import { bytes, list, text } from "./replies.ts";

/** What a shard knows of a node: see `include/nodes.lua`. */
export interface Pulse {
  incarnation: string;
  heard: number;
  /** MiB by pid. */
  memory: Record<string, number>;
}

/** A row of `list-workers.lua`. Absent fields are null. */
type Row = [
  name: string,
  node: string,
  incarnation: string,
  kind: Worker["kind"],
  queue: string,
  host: string | null,
  diedAt: string | null,
  suspended: string | null,
  job: string | null,
  hostname: string,
  pid: string,
  site: string | null,
  session: SessionState,
  sessionsOpened: string,
  birthAt: string,
  lastHeartbeat: string | null,
  succeeded: string,
  failed: string,
  busyMs: string,
];

/** From a flat list of node, pulse. */
export function toPulses(flat: Reply[]): Map<string, Pulse> {
  const pulses = new Map<string, Pulse>();
  for (let n = 0; n < flat.length; n += 2) {
    // Safe: only our scripts write pulses.
    const [incarnation, heard, memory] = unpack(bytes(flat[n + 1])) as [string, number, string];
    pulses.set(text(flat[n]), { incarnation, heard, memory: JSON.parse(memory) as Pulse["memory"] });
  }
  return pulses;
}

export function toWorker(reply: Reply, pulses: Map<string, Pulse>): Worker {
  // Safe: the script answers nothing else.
  const row = list(reply).map((field) => (field === null ? null : text(field))) as Row;
  const [name, node, incarnation, kind, queue, host, diedAt, suspended, job, hostname, pid, site, ...rest] =
    row;
  const [session, sessionsOpened, birthAt, lastHeartbeat, succeeded, failed, busyMs] = rest;
  const known = pulses.get(node);
  const pulse = known?.incarnation === incarnation ? known : undefined;
  const dead = diedAt !== null;
  return {
    ...{ name, node, incarnation, kind, queue, hostname, host, site },
    pid: Number(pid),
    status: statusOf(dead, job, suspended),
    session: dead ? "none" : session,
    sessionsOpened: Number(sessionsOpened),
    currentJobs: job === null ? [] : [job],
    // Its node may have beaten last before the worker was born.
    lastHeartbeat: Math.max(Number(birthAt), Number(lastHeartbeat ?? pulse?.heard ?? 0)),
    birthAt: Number(birthAt),
    diedAt: dead ? Number(diedAt) : null,
    successfulJobCount: Number(succeeded),
    failedJobCount: Number(failed),
    busyMs: Number(busyMs),
    memoryMb: dead ? null : (pulse?.memory[pid] ?? null),
  };
}

function statusOf(dead: boolean, job: string | null, suspended: string | null): WorkerStatus {
  if (dead) return "dead";
  if (job !== null) return "busy";
  return suspended === "1" ? "suspended" : "idle";
}
