import { readFileSync } from "node:fs";
import type { Socket } from "bun";
import type { Netpulse } from "../../test/support/netpulse.ts";

/** How long the server is left alone before its memory counts, ms. */
const SETTLE_MS = 3_000;
const PASSWORD = "no device is asked";

export interface LongPolls {
  held: number;
  /** Resident memory that all of them cost, MiB. */
  mib: number;
  /** From the end of a job, as the store has it, to its answer here; one after another, ms. */
  wakes: number[];
  /** Until everybody is answered when all the other jobs end by one request, ms. */
  allMs: number;
}

interface Poll {
  id: string;
  /** Resolves when the answer begins to arrive. */
  answered: Promise<number>;
  socket: Socket<unknown>;
}

/** Holds a long poll for each of so many jobs that no worker takes, and ends the jobs. */
export async function longPolls(netpulse: Netpulse, count: number, ends: number): Promise<LongPolls> {
  const ids = await submit(netpulse, count);
  await Bun.sleep(SETTLE_MS);
  const before = residentMib(netpulse.pid);
  const polls = await Promise.all(ids.map((id) => poll(netpulse, id)));
  await Bun.sleep(SETTLE_MS);
  const mib = residentMib(netpulse.pid) - before;
  const wakes: number[] = [];
  for (const each of polls.slice(0, ends)) wakes.push(await wake(netpulse, each));
  const began = performance.now();
  await netpulse.del("/job?queue=FifoQ");
  await Promise.all(polls.map(({ answered }) => answered));
  const allMs = performance.now() - began;
  for (const { socket } of polls) socket.end();
  return { held: count, mib, wakes, allMs };
}

async function submit(netpulse: Netpulse, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const { body } = await netpulse.post<{ succeeded: { id: string }[] }>("/device/bulk", {
      driver: "netmiko",
      connection_args: { device_type: "cisco_ios", username: "admin", password: PASSWORD },
      devices: Array.from({ length: Math.min(1_000, count - ids.length) }, (_, n) => ({
        host: `192.0.2.${n % 250}`,
      })),
      command: "show clock",
      queue_strategy: "fifo",
    });
    ids.push(...body.data.succeeded.map(({ id }) => id));
  }
  return ids;
}

async function poll({ url, key }: Netpulse, id: string): Promise<Poll> {
  const { hostname, port } = new URL(url);
  const answered = Promise.withResolvers<number>();
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: () => answered.resolve(Date.now()),
      close: () => answered.reject(new Error("the server hung up")),
    },
  });
  socket.write(`GET /job?id=${id}&wait=60 HTTP/1.1\r\nHost: bench\r\nX-API-KEY: ${key}\r\n\r\n`);
  return { id, answered: answered.promise, socket };
}

async function wake(netpulse: Netpulse, { id, answered }: Poll): Promise<number> {
  await netpulse.del(`/job?id=${id}`);
  const at = await answered;
  const { body } = await netpulse.get(`/job?id=${id}`);
  return at - Date.parse(body.data[0]?.ended_at ?? "");
}

function residentMib(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}
