import type { SessionState, Worker, WorkerStatus } from "../storage.ts";
import { unpack } from "./codec.ts";
import type { Reply } from "./link.ts";
import { bytes, text } from "./replies.ts";

/** What a shard knows of a node: see `include/nodes.lua`. */
interface Pulse {
  incarnation: string;
  heard: number;
  /** MiB by pid. */
  memory: Record<string, number>;
}

export type Pulses = Map<string, Pulse>;

/** As `list-workers.lua` answers it, `false` for an absent field: numbers are digits. */
type Row = [
  name: string,
  fields: [
    node: string,
    incarnation: string,
    kind: Worker["kind"],
    queue: string,
    host: string | false,
    diedAt: string | false,
    suspended: "1" | false,
    job: string | false,
  ],
  more: [
    hostname: string,
    pid: string,
    site: string | false,
    session: SessionState,
    sessionsOpened: string,
    birthAt: string,
    lastHeartbeat: string | false,
    succeeded: string,
    failed: string,
    busyMs: string,
  ],
];

/** From a flat list of node, pulse. */
export function toPulses(flat: Reply[]): Pulses {
  const pulses: Pulses = new Map();
  for (let n = 0; n < flat.length; n += 2) {
    // Safe: only our scripts write pulses.
    const [incarnation, heard, memory] = unpack(bytes(flat[n + 1])) as [string, number, string];
    pulses.set(text(flat[n]), { incarnation, heard, memory: JSON.parse(memory) as Pulse["memory"] });
  }
  return pulses;
}

export function toWorkers(packed: Buffer, pulses: Pulses): Worker[] {
  // Safe: the script answers nothing else. An empty Lua table is packed as an empty list.
  return (unpack(packed) as Row[]).map((row) => toWorker(row, pulses));
}

function toWorker([name, fields, more]: Row, pulses: Pulses): Worker {
  const [node, incarnation, kind, queue, host, diedAt, suspended, job] = fields;
  const [hostname, pid, site, session, sessionsOpened, birthAt, lastHeartbeat, succeeded, failed, busyMs] =
    more;
  const known = pulses.get(node);
  const pulse = known?.incarnation === incarnation ? known : undefined;
  const dead = diedAt !== false;
  return {
    name,
    node,
    incarnation,
    kind,
    queue,
    hostname,
    pid: Number(pid),
    host: host || null,
    site: site || null,
    status: statusOf(dead, job !== false, suspended === "1"),
    session: dead ? "none" : session,
    sessionsOpened: Number(sessionsOpened),
    currentJobs: job ? [job] : [],
    // Its node may have beaten last before the worker was born.
    lastHeartbeat: Math.max(Number(birthAt), lastHeartbeat ? Number(lastHeartbeat) : (pulse?.heard ?? 0)),
    birthAt: Number(birthAt),
    diedAt: dead ? Number(diedAt) : null,
    successfulJobCount: Number(succeeded),
    failedJobCount: Number(failed),
    busyMs: Number(busyMs),
    memoryMb: dead ? null : (pulse?.memory[pid] ?? null),
  };
}

function statusOf(dead: boolean, busy: boolean, suspended: boolean): WorkerStatus {
  if (dead) return "dead";
  if (busy) return "busy";
  return suspended ? "suspended" : "idle";
}
