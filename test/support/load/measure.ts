import { connectHttp, type HttpConnection } from "./http.ts";
import type { Probe } from "./probes.ts";

/** How long answers took, ms. */
export interface Times {
  p50: number;
  p99: number;
}

export interface Measured {
  probe: Probe;
  first: Times;
  /** Page 1,000; null when there are fewer. */
  deep: Times | null;
}

export const PAGE = 20;
export const DEEP = 1_000;
const STEP = 500;
const ROUNDS = 200;
/** What takes long is asked less often. */
const LONGEST_MS = 4_000;
const FEWEST_ROUNDS = 5;

interface Page {
  data: unknown[];
  pagination: { next_cursor: string | null };
}

export interface Server {
  url: string;
  key: string;
}

/** Asks for the first page and, when it is wanted, for page 1,000 of each listing, one request at a time. */
export async function measureLists(
  server: Server,
  { probes, deep: wanted }: { probes: readonly Probe[]; deep: boolean },
): Promise<Measured[]> {
  const connection = await connectHttp(server);
  const measured: Measured[] = [];
  for (const probe of probes) {
    const path = `/job?limit=${PAGE}&${probe.query}`;
    const { data } = await page(connection, path);
    if (probe.empty && data.length > 0) throw new Error(`${probe.name}: ${data.length} jobs`);
    const first = await times(ROUNDS, () => page(connection, path));
    const cursor = wanted ? await cursorOf(connection, path) : null;
    const deep = cursor === null ? null : await times(ROUNDS, () => page(connection, `${path}${cursor}`));
    measured.push({ probe, first, deep });
  }
  connection.close();
  return measured;
}

/** Walks there in larger steps, a cursor being good for any size of page. */
async function cursorOf(connection: HttpConnection, path: string): Promise<string | null> {
  let cursor = "";
  for (let left = (DEEP - 1) * PAGE; left > 0; left -= STEP) {
    const large = path.replace(`limit=${PAGE}`, `result=false&limit=${Math.min(left, STEP)}`);
    const { pagination }: Page = await page(connection, `${large}${cursor}`);
    if (pagination.next_cursor === null) return null;
    cursor = `&cursor=${pagination.next_cursor}`;
  }
  return cursor;
}

async function page(connection: HttpConnection, path: string): Promise<Page> {
  return JSON.parse(await get(connection, path)) as Page;
}

async function get(connection: HttpConnection, path: string): Promise<string> {
  const { status, body } = await connection.request("GET", path);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${body.slice(0, 500)}`);
  return body;
}

/** Reads single jobs, one request at a time. */
export async function measureById(server: Server, ids: readonly string[]): Promise<Times> {
  const connection = await connectHttp(server);
  let n = 0;
  const found = await times(1_000, () => get(connection, `/job?id=${ids[n++ % ids.length]}`));
  connection.close();
  return found;
}

/** Reads single jobs with 32 requests in flight; how many a second. */
export async function rateById(server: Server, ids: readonly string[], requests = 20_000): Promise<number> {
  const connections = await Promise.all(Array.from({ length: 32 }, () => connectHttp(server)));
  let sent = 0;
  const since = performance.now();
  await Promise.all(
    connections.map(async (connection) => {
      while (sent < requests) await get(connection, `/job?id=${ids[sent++ % ids.length]}`);
    }),
  );
  const took = performance.now() - since;
  for (const connection of connections) connection.close();
  return Math.round((requests / took) * 1_000);
}

/** Asks for the counts, each time when the answer of before is used no more; see `healthProbe`. */
export async function measureHealth(server: Server, rounds = 8): Promise<Times> {
  const connection = await connectHttp(server);
  const taken: number[] = [];
  while (taken.length < rounds) {
    const since = performance.now();
    await get(connection, "/health?verbose=true");
    taken.push(performance.now() - since);
    await Bun.sleep(1_050);
  }
  connection.close();
  return timesOf(taken);
}

async function times(rounds: number, once: () => Promise<unknown>): Promise<Times> {
  const taken: number[] = [];
  const end = performance.now() + LONGEST_MS;
  for (let n = 0; n < rounds && (performance.now() < end || n < FEWEST_ROUNDS); n++) {
    const since = performance.now();
    await once();
    taken.push(performance.now() - since);
  }
  return timesOf(taken);
}

export function timesOf(taken: readonly number[]): Times {
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
