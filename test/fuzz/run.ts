import { until } from "../e2e/support/until.ts";
import { random } from "../support/faults/random.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { Contract, type Json } from "../support/openapi.ts";
import { Judge } from "./judge.ts";
import { Requests, type Wire } from "./requests.ts";
import { type Pool, SECRET } from "./values.ts";
import { Line, type Reply } from "./wire.ts";

export interface FuzzOptions {
  seed: number;
  requests: number;
  /** Lines that ask at once. Default 16. */
  lines?: number;
}

export interface FuzzReport {
  requests: number;
  seconds: number;
  /** Each kind of fault once, with the request that showed it. */
  faults: string[];
  statuses: Record<string, number>;
  /** Shares of the requests. */
  handler: number;
  valid: number;
  parser: number;
}

/** Addresses at which nothing answers, so that jobs end at once, and the names of things that may be there. */
const HOSTS = ["127.9.0.1", "127.9.0.2", "127.9.0.3", "127.9.0.4", "::1"];

/** Things that answers have named: the last of each, to be asked for again. */
class Memory {
  readonly #seen = new Map<string, string[]>([
    ["host", HOSTS],
    ["queue", ["FifoQ", ...HOSTS.map((host) => `pinned_${host}:9`)]],
    ["site", ["nowhere"]],
    ["limit", ["1", "3", "20"]],
    ["driver", ["netmiko", "cli", "paramiko", "linux"]],
    ["since", ["2024-01-01T12:00:00Z"]],
    ["until", ["2034-01-01T12:00:00+08:00"]],
    ["Last-Event-ID", ["1-0", "1-0-end"]],
  ]);

  readonly pool: Pool = (name) => this.#seen.get(name) ?? [];

  learn({ headers, body }: Reply): void {
    const session = headers.get("mcp-session-id");
    if (session) this.#note("Mcp-Session-Id", session);
    if (body.length > 20_000 || !body.startsWith("{")) return;
    const { data, pagination } = JSON.parse(body);
    if (pagination?.next_cursor) this.#note("cursor", pagination.next_cursor);
    for (const each of (Array.isArray(data) ? data : [data]).slice(0, 5)) this.#learnFrom(each);
  }

  #learnFrom(entry: Json): void {
    if (entry === null || typeof entry !== "object") return;
    if (/^job_/.test(entry.id)) this.#note("id", entry.id);
    if (/^file_/.test(entry.id)) this.#note("file_id", entry.id);
    if (/^task_/.test(entry.task_id)) this.#note("task_id", entry.task_id);
    if (/^batch_/.test(entry.batch_id)) this.#note("batch_id", entry.batch_id);
    if (/^worker_/.test(entry.name)) this.#note("name", entry.name);
    if (/^worker_/.test(entry.worker)) this.#note("worker", entry.worker);
    if (typeof entry.node === "string") this.#note("node", entry.node);
  }

  #note(name: string, value: string): void {
    const known = this.#seen.get(name) ?? [];
    if (known.includes(value)) return;
    this.#seen.set(name, [...known, value].slice(-20));
  }
}

/** Asks a real NetPulse so many hostile and harmless things, and judges every answer. */
export async function fuzz({ seed, requests, lines = 16 }: FuzzOptions): Promise<FuzzReport> {
  await using netpulse = await startNetpulse({ env: TERMS });
  const contract = new Contract(await (await fetch(`${netpulse.url}/swagger/json`)).json());
  const judge = new Judge(contract, netpulse.key);
  const memory = new Memory();
  const faults = new Map<string, string>();
  let ended = false;
  void netpulse.exited.then((exit) => {
    if (!ended)
      faults.set("", `the server ended: ${JSON.stringify(exit)}\n${netpulse.output().slice(-20_000)}`);
  });
  const began = performance.now();
  await Promise.all(
    Array.from({ length: lines }, async (_, n) => {
      const source = new Requests(random(seed * 1000 + n), contract, {
        pool: memory.pool,
        key: netpulse.key,
      });
      const line = new Line(netpulse.url);
      for (let sent = n; sent < requests && faults.size < MOST_FAULTS && !faults.has(""); sent += lines) {
        await ask(line, source.next(), { judge, memory, faults });
      }
      line.close();
    }),
  );
  ended = true;
  if (!faults.has("")) await stillWell(netpulse, faults);
  return reportOf(judge, [...faults.values()], performance.now() - began);
}

/** Webhooks go to ourselves at most, where nobody listens. */
const TERMS = {
  NETPULSE_WEBHOOK__HOSTS: "127.0.0.1",
  NETPULSE_JOB__TEST_TIMEOUT: "1",
  NETPULSE_JOB__RESULT_TTL: "60",
  NETPULSE_SERVER__MAX_BODY: "64KiB",
};
const MOST_FAULTS = 20;

interface Book {
  judge: Judge;
  memory: Memory;
  faults: Map<string, string>;
}

async function ask(line: Line, wire: Wire, { judge, memory, faults }: Book): Promise<void> {
  let reply: Reply | null = null;
  let found: string[];
  try {
    reply = await line.exchange(wire);
    found = judge.judge(wire, reply);
    if (reply !== null && reply.status < 300) memory.learn(reply);
  } catch (error) {
    line.close();
    found = [String(error)];
  }
  for (const fault of found) {
    const kind = `${wire.method} ${wire.target.split("?")[0]?.replace(/_[0-9a-z]{10,}/g, "_X")} ${fault}`;
    if (!faults.has(kind)) faults.set(kind, told(fault, wire, reply));
  }
}

function told(fault: string, { method, target, headers, body, manner }: Wire, reply: Reply | null): string {
  const sent = `${method} ${target} ${JSON.stringify(headers)} ${body === null ? "" : Buffer.from(body).toString()}`;
  return `${fault}\n  sent (${manner}): ${sent.slice(0, 1500)}\n  got: ${reply?.status} ${reply?.body.slice(0, 500)}`;
}

async function stillWell(netpulse: Netpulse, faults: Map<string, string>): Promise<void> {
  // Suspended workers and a long queue are no illness; a store that is busy with it may need a moment.
  await until("health", async () => ((await netpulse.get("/health")).status === 200 ? true : null), 30_000);
  if (netpulse.output().includes(SECRET)) faults.set("log", "a secret is in the log");
}

function reportOf(judge: Judge, faults: string[], ms: number): FuzzReport {
  const share = (count: number) => Math.round((1000 * count) / judge.requests) / 1000;
  return {
    requests: judge.requests,
    seconds: Math.round(ms / 100) / 10,
    faults,
    statuses: Object.fromEntries([...judge.statuses].sort(([a], [b]) => a - b)),
    handler: share(judge.reached.handler),
    valid: share(judge.reached.valid),
    parser: share(judge.parser),
  };
}

if (import.meta.main) {
  const [, , seed = "1", requests = "2000"] = process.argv;
  console.log(await fuzz({ seed: Number(seed), requests: Number(requests) }));
}
