/**
 * What the API takes, beside a bare route of its runtime and of its framework in the same run, with both stores, and
 * what long polls cost: `bun bench/http.ts`. Needs wrk and redis-server on the PATH. The client shares the machine.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Netpulse, startNetpulse } from "../test/support/netpulse.ts";
import { longPolls } from "./http/long-polls.ts";
import { type Load, wrk } from "./http/wrk.ts";
import { startRedis } from "./redis-server.ts";
import { percentile, row } from "./timing.ts";

const CONNECTIONS = 32;
const SECONDS = 8;
/** Before each row, so that it is measured compiled. */
const WARM_UP_SECONDS = 3;
const POLLS = 5_000;
const ENDS = 200;
const BODY = {
  driver: "netmiko",
  connection_args: { device_type: "cisco_ios", host: "192.0.2.1", username: "admin", password: "admin" },
  command: "show clock",
  queue_strategy: "fifo",
};

console.log(row("server", "request", "a second", "p50, ms", "p99, ms"));
console.log("|---|---|--:|--:|--:|");
/** More jobs are posted than wait in a queue otherwise. */
const env = { NETPULSE_LOG__LEVEL: "error", NETPULSE_JOB__MAX_QUEUE_DEPTH: "1000000" };
const sqlite = await startNetpulse({ env });
await bare("bun", sqlite);
await bare("elysia", sqlite);
const held = [["SQLite", await ours("NetPulse on SQLite", sqlite)]] as const;
const folder = mkdtempSync(join(tmpdir(), "netpulse-http-"));
const redis = await startRedis(folder);
const onRedis = await startNetpulse({
  env: {
    ...env,
    NETPULSE_STORAGE__URL: `redis://127.0.0.1:${redis.port}`,
    NETPULSE_SECRET_KEY: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex"),
  },
});
const rows = [...held, ["Redis", await ours("NetPulse on Redis", onRedis)]] as const;
await redis.stop();
rmSync(folder, { recursive: true });

console.log();
console.log(row("long polls held", "store", "memory, MiB", "woken, p50 ms", "p99 ms", "all answered, ms"));
console.log("|--:|---|--:|--:|--:|--:|");
for (const [store, { held, mib, wakes, allMs }] of rows)
  console.log(
    row(held, store, mib.toFixed(0), percentile(wakes, 0.5), percentile(wakes, 0.99), allMs.toFixed(0)),
  );

async function bare(which: "bun" | "elysia", netpulse: Netpulse): Promise<void> {
  const example = await netpulse.get(`/job?id=${await waiting(netpulse)}`);
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "http/bare.ts"), which], {
    stdin: new Blob([JSON.stringify(example.body)]),
    stdout: "pipe",
  });
  const port = Number(/port (\d+)/.exec(await firstLine(child.stdout))?.[1]);
  await measure(
    `bare ${which}`,
    { url: `http://127.0.0.1:${port}`, headers: {} },
    { "the same JSON": "any" },
  );
  child.kill();
  await child.exited;
}

async function ours(name: string, netpulse: Netpulse) {
  const jobs = { "an ended job": await ended(netpulse), "a waiting job": await waiting(netpulse) };
  await measure(name, { url: netpulse.url, headers: { "X-API-KEY": netpulse.key } }, jobs);
  await netpulse.del("/job?queue=FifoQ");
  const polls = await longPolls(netpulse, POLLS, ENDS);
  await netpulse.stop();
  return polls;
}

/** A job that nobody will take. */
async function waiting(netpulse: Netpulse): Promise<string> {
  await netpulse.post("/worker/suspend?queue=FifoQ", undefined);
  return (await netpulse.exec(BODY)).id;
}

async function ended(netpulse: Netpulse): Promise<string> {
  const id = await waiting(netpulse);
  await netpulse.del(`/job?id=${id}`);
  return id;
}

async function measure(
  name: string,
  { url, headers }: Pick<Load, "url" | "headers">,
  ids: Record<string, string>,
) {
  const load = { headers, connections: CONNECTIONS, seconds: SECONDS };
  for (const [what, id] of Object.entries(ids)) {
    print(name, `GET /job?id=, ${what}`, await warm({ ...load, url: `${url}/job?id=${id}` }));
  }
  const json = { ...headers, "Content-Type": "application/json" };
  const post = await warm({ ...load, headers: json, url: `${url}/device/exec`, body: BODY });
  print(name, "POST /device/exec", post);
}

async function warm(load: Load) {
  await wrk({ ...load, seconds: WARM_UP_SECONDS });
  return await wrk(load);
}

function print(name: string, request: string, { perSecond, p50Ms, p99Ms }: Awaited<ReturnType<typeof wrk>>) {
  const rate = Math.round(perSecond).toLocaleString("en");
  console.log(row(name, request, rate, p50Ms.toFixed(2), p99Ms.toFixed(2)));
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    text += new TextDecoder().decode(chunk);
    if (text.includes("\n")) break;
  }
  return text;
}
