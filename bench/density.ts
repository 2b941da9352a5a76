/**
 * How many device sessions one node holds, and what they cost: `bun bench/density.ts [COUNT …]` (10 100 1000 3000).
 * For each count a lab of so many devices and `serve` on SQLite, a pinned job on every device, and then warm jobs on
 * devices drawn at random. Memory is that of all NetPulse processes, not of the lab.
 */
import { readdirSync, readFileSync } from "node:fs";
import { type Answer, type Netpulse, startLab, startNetpulse } from "../test/support/netpulse.ts";

const COUNTS = [10, 100, 1_000, 3_000];
/** Devices of one lab process. */
const PER_LAB = 500;
const IN_FLIGHT = 64;
const WARM_JOBS = 500;
const MIB = 1024 ** 2;
const SETTLE_MS = 5_000;

interface Device {
  host: string;
  port: number;
}

interface Figures {
  devices: number;
  processes: number;
  rssMib: number;
  pssMib: number;
  emptyMib: number;
  coldSeconds: number;
  warmP50: number;
  warmP99: number;
}

const counts = process.argv.slice(2).map(Number);
const table: Figures[] = [];
for (const count of counts.length > 0 ? counts : COUNTS) {
  const figures = await measure(count);
  console.error(JSON.stringify(figures));
  table.push(figures);
}
print(table);

async function measure(count: number): Promise<Figures> {
  const labs = await Promise.all(
    Array.from({ length: Math.ceil(count / PER_LAB) }, (_, n) =>
      startLab({ devices: Math.min(PER_LAB, count - n * PER_LAB) }),
    ),
  );
  const devices: Device[] = labs.flatMap((lab) => lab.devices);
  const netpulse = await startNetpulse({
    env: { NETPULSE_LOG__LEVEL: "error", NETPULSE_WORKER__PINNED: String(count) },
  });
  try {
    const emptyMib = memoryOf(netpulse.pid).pss;
    const began = performance.now();
    await forEach(devices, (device) => run(netpulse, device));
    const coldSeconds = (performance.now() - began) / 1_000;
    const warm: number[] = [];
    for (let n = 0; n < WARM_JOBS; n++) {
      const device = devices[Math.floor(Math.random() * devices.length)] ?? { host: "", port: 0 };
      const from = performance.now();
      await run(netpulse, device);
      warm.push(performance.now() - from);
    }
    await Bun.sleep(SETTLE_MS);
    const sessions = await connected(netpulse);
    if (sessions !== count) throw new Error(`${sessions} of ${count} sessions are open`);
    const { rss, pss, processes } = memoryOf(netpulse.pid);
    return {
      ...{ devices: count, processes, rssMib: rss, pssMib: pss, emptyMib, coldSeconds },
      ...{ warmP50: at(warm, 0.5), warmP99: at(warm, 0.99) },
    };
  } finally {
    await netpulse.stop();
    await Promise.all(labs.map((lab) => lab.stop()));
  }
}

async function run(netpulse: Netpulse, { host, port }: Device): Promise<void> {
  const { id } = await netpulse.exec({
    driver: "netmiko",
    connection_args: { device_type: "cisco_ios", host, port, username: "admin", password: "admin" },
    command: "show clock",
    queue_strategy: "pinned",
  });
  const { status, result } = await netpulse.ended(id);
  if (status !== "finished") throw new Error(`${host}:${port}: ${JSON.stringify(result?.error)}`);
}

async function forEach<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const one = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
}

/** Workers whose session is open, by the API's own word. */
async function connected(netpulse: Netpulse): Promise<number> {
  let found = 0;
  for (let cursor: string | null = ""; cursor !== null; ) {
    const { body }: Answer<{ session: string }[]> = await netpulse.get(
      `/worker?limit=1000${cursor && `&cursor=${cursor}`}`,
    );
    found += body.data.filter(({ session }) => session === "connected").length;
    cursor = body.pagination?.next_cursor ?? null;
  }
  return found;
}

/** MiB of a process and of all its children: resident, and with shared pages counted once. */
function memoryOf(pid: number): { rss: number; pss: number; processes: number } {
  const all = [pid, ...childrenOf(pid)];
  const sum = (field: string) =>
    (all.reduce((total, each) => total + kilobytes(each, field), 0) * 1024) / MIB;
  return { rss: sum("Rss"), pss: sum("Pss"), processes: all.length };
}

function childrenOf(pid: number): number[] {
  const numbers = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const own = numbers.filter((name) => {
    try {
      return readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ")[1] === String(pid);
    } catch {
      return false;
    }
  });
  return own.map(Number).flatMap((child) => [child, ...childrenOf(child)]);
}

function kilobytes(pid: number, field: string): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1] ?? 0);
}

function at(times: number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? 0;
}

function print(rows: Figures[]): void {
  console.log(
    "| devices | processes | memory in all (resident) | a session | all sessions open | warm job p50 / p99 |",
  );
  console.log("|--:|--:|--:|--:|--:|--:|");
  for (const row of rows) {
    const { devices, processes, rssMib, pssMib, emptyMib, coldSeconds, warmP50, warmP99 } = row;
    const each = (pssMib - emptyMib) / devices;
    console.log(
      `| ${devices.toLocaleString("en")} | ${processes} | ${pssMib.toFixed(0)} MiB (${rssMib.toFixed(0)}) | ${each.toFixed(2)} MiB | ${coldSeconds.toFixed(1)} s | ${warmP50.toFixed(1)} / ${warmP99.toFixed(1)} ms |`,
    );
  }
}
