/**
 * How long one job takes over the whole way, beside the raw ssh2 floor in the same run, and how many
 * requests the API takes: `bun bench/job.ts`. Everything runs on this machine, so the device and the
 * client take their share of it.
 */
import type { Client, ClientChannel } from "ssh2";
import { loadSsh2 } from "../src/device/transport/ssh2.ts";
import { startLab, startNetpulse } from "../test/support/netpulse.ts";

const WARM_ROUNDS = 300;
const COLD_DEVICES = 50;
const IN_FLIGHT = 32;
const REQUESTS = 8_000;

interface Device {
  host: string;
  port: number;
}

const lab = await startLab({ devices: COLD_DEVICES + 1 });
const netpulse = await startNetpulse({ env: { NETPULSE_LOG__LEVEL: "error" } });
const [first, ...others] = lab.devices;
if (!first) throw new Error("the lab has no device");

report("raw ssh2: connect, shell, prompt", await series(others, rawConnect));
report("cold job: submit to finished", await series(others, (device) => job(device)));
const shell = await rawShell(first);
report("raw ssh2: one command on an open shell", await repeat(WARM_ROUNDS, () => shell.ask("show clock")));
shell.end();
await job(first);
report("warm job: submit to finished", await repeat(WARM_ROUNDS, () => job(first)));

await netpulse.post("/worker/suspend?queue=FifoQ", undefined);
rate("POST /device/exec", await flood((n) => submit({ ...first, port: 1 + (n % 1000) }, "fifo")));
const { id } = await submit(first, "fifo");
rate("GET /job?id=", await flood(() => netpulse.get(`/job?id=${id}`)));

await netpulse.stop();
await lab.stop();

function body(device: Device, strategy: string) {
  const { host, port } = device;
  return {
    driver: "netmiko",
    connection_args: { device_type: "cisco_ios", host, port, username: "admin", password: "admin" },
    command: "show clock",
    queue_strategy: strategy,
  };
}

async function submit(device: Device, strategy: string): Promise<{ id: string }> {
  const answer = await netpulse.post<{ id: string }>("/device/exec", body(device, strategy));
  if (answer.status !== 201) throw new Error(`refused: ${JSON.stringify(answer.body)}`);
  return answer.body.data;
}

async function job(device: Device): Promise<void> {
  const { id } = await submit(device, "pinned");
  const answer = await netpulse.get<{ status: string }[]>(`/job?id=${id}&wait=30`);
  if (answer.body.data[0]?.status !== "finished") throw new Error(JSON.stringify(answer.body));
}

async function connect({ host, port }: Device): Promise<Client> {
  const { Client: SshClient } = await loadSsh2();
  const client = new SshClient();
  await new Promise<void>((resolve, reject) => {
    client.on("ready", resolve).on("error", reject);
    client.connect({ host, port, username: "admin", password: "admin" });
  });
  return client;
}

async function rawShell(device: Device) {
  const client = await connect(device);
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.shell((error, opened) => (error ? reject(error) : resolve(opened)));
  });
  let seen = "";
  let wake = () => {};
  channel.on("data", (chunk: Buffer) => {
    seen += chunk.toString();
    if (/[>#]$/.test(seen)) wake();
  });
  async function prompt(): Promise<void> {
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (/[>#]$/.test(seen)) resolve();
    });
    seen = "";
  }
  await prompt();
  return {
    ask(command: string): Promise<void> {
      channel.write(`${command}\n`);
      return prompt();
    },
    end: () => client.end(),
  };
}

async function rawConnect(device: Device): Promise<void> {
  (await rawShell(device)).end();
}

async function series(devices: Device[], once: (device: Device) => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (const device of devices) times.push(await timed(() => once(device)));
  return times;
}

async function repeat(rounds: number, once: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < rounds; n++) times.push(await timed(once));
  return times;
}

async function timed(once: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await once();
  return performance.now() - began;
}

/** Requests a second, `IN_FLIGHT` at a time. */
async function flood(request: (n: number) => Promise<unknown>): Promise<number> {
  let sent = 0;
  const began = performance.now();
  const one = async () => {
    while (sent < REQUESTS) await request(sent++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  return (REQUESTS / (performance.now() - began)) * 1000;
}

function report(what: string, times: number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2).padStart(8);
  console.log(`${what.padEnd(42)} p50 ${at(0.5)} ms   p99 ${at(0.99)} ms   (${times.length})`);
}

function rate(what: string, perSecond: number): void {
  console.log(
    `${what.padEnd(42)} ${Math.round(perSecond).toLocaleString("en")} a second, ${IN_FLIGHT} in flight`,
  );
}
