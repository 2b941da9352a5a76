/**
 * How long jobs take over the whole way, HTTP and SSH included, beside the raw ssh2 floor in the same run:
 * `bun bench/device.ts`. On simulated devices and on FRR behind OpenSSH; the latter needs root or sudo. Everything
 * runs on this machine, so the devices and the client take their share of it.
 */
import { startFrr } from "../test/support/frr.ts";
import { type Netpulse, startLab, startNetpulse } from "../test/support/netpulse.ts";
import { startSshd } from "../test/support/sshd.ts";
import { type Device, rawShell } from "./raw-ssh.ts";
import { forEach, percentile, row, series, timed } from "./timing.ts";

const WARM_ROUNDS = 300;
const COLD_ROUNDS = 50;
const FRR_COLD_ROUNDS = 20;
const BULKS = [30, 300];
/** Connections that the raw floor opens at a time. */
const AT_ONCE = 50;
const COMMAND = "show clock";
const FRR_COMMAND = "show version";

const lab = await startLab({ devices: COLD_ROUNDS + Math.max(...BULKS) });
const devices = lab.devices.map(
  ({ host, port }): Device => ({
    ...{ device_type: "cisco_ios", host, port },
    ...{ username: "admin", password: "admin" },
  }),
);
const netpulse = await startNetpulse({
  env: { NETPULSE_LOG__LEVEL: "error", NETPULSE_WORKER__PINNED: String(devices.length + 10) },
});
const [first] = devices;
if (!first) throw new Error("the lab has no device");

console.log(row("what", "rounds", "p50, ms", "p99, ms"));
console.log("|---|--:|--:|--:|");
const some = devices.slice(0, COLD_ROUNDS);
print("lab: raw ssh2, connect to prompt", await series(some, raw));
print("lab: cold job, submit to finished seen", await series(some, (device) => job(device, COMMAND)));
await warm("lab", first, COMMAND);
await router();
const rest = devices.slice(COLD_ROUNDS);
for (const count of BULKS) await bulk(rest.slice(0, count));

await netpulse.stop();
await lab.stop();

/** The same on a router's real command line. */
async function router(): Promise<void> {
  await using frr = await startFrr();
  await using sshd = await startSshd({ accounts: [frr.account] });
  const { name: username, password } = frr.account;
  const device: Device = { device_type: "frr", host: sshd.host, port: sshd.port, username, password };
  const rounds = Array.from({ length: FRR_COLD_ROUNDS }, () => device);
  print("FRR: raw ssh2, connect to prompt", await series(rounds, raw));
  // Queued where no session is kept, so that each connects.
  print(
    "FRR: cold job, submit to finished seen",
    await series(rounds, () => job(device, FRR_COMMAND, "fifo")),
  );
  await warm("FRR", device, FRR_COMMAND);
}

async function warm(where: string, device: Device, command: string): Promise<void> {
  const rounds = Array.from({ length: WARM_ROUNDS }, () => device);
  const shell = await rawShell(device);
  const floor = await series(rounds, () => shell.ask(command));
  print(`${where}: raw ssh2, one command on an open shell`, floor);
  shell.end();
  await job(device, command);
  print(`${where}: warm job, submit to finished seen`, await series(rounds, () => job(device, command)));
}

/** From one request to the end of the last job: first without sessions, then with one open to each device. */
async function bulk(all: Device[]): Promise<void> {
  const floor = await timed(() =>
    forEach(all, AT_ONCE, async (device) => {
      const shell = await rawShell(device);
      await shell.ask(COMMAND);
      shell.end();
    }),
  );
  print(`bulk over ${all.length} devices: raw ssh2, ${AT_ONCE} at a time`, [floor]);
  print(`bulk over ${all.length} devices: cold`, [await timed(() => allOf(all))]);
  const again = Array.from({ length: 10 }, () => all);
  print(`bulk over ${all.length} devices: warm`, await series(again, allOf));
}

async function raw(device: Device): Promise<void> {
  (await rawShell(device)).end();
}

async function job(device: Device, command: string, strategy = "pinned"): Promise<void> {
  const body = { driver: "netmiko", connection_args: device, command, queue_strategy: strategy };
  const { id } = await netpulse.exec(body);
  await finished(netpulse, id);
}

async function allOf(all: readonly Device[]): Promise<void> {
  const answer = await netpulse.post<{ succeeded: { id: string }[]; failed: unknown[] }>("/device/bulk", {
    driver: "netmiko",
    connection_args: { device_type: first?.device_type },
    devices: all.map(({ device_type: _, ...own }) => own),
    command: COMMAND,
    queue_strategy: "pinned",
  });
  const { succeeded, failed } = answer.body.data;
  if (failed.length > 0) throw new Error(JSON.stringify(failed[0]));
  await forEach(succeeded, AT_ONCE, ({ id }) => finished(netpulse, id));
}

async function finished(api: Netpulse, id: string): Promise<void> {
  const ended = await api.ended(id);
  if (ended.status !== "finished") throw new Error(JSON.stringify(ended.result?.error));
}

function print(what: string, times: number[]): void {
  const p99 = times.length > 1 ? percentile(times, 0.99).toFixed(2) : "–";
  console.log(row(what, times.length, percentile(times, 0.5).toFixed(2), p99));
}
