import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { run } from "../support/process.ts";
import { startSshd } from "../support/sshd.ts";
import { Api, failure, resultOf } from "./support/api.ts";
import type { Job } from "./support/contract.ts";
import { type Device, startDevice } from "./support/device.ts";
import { on, startHeldJob } from "./support/held-job.ts";
import { until } from "./support/until.ts";

setDefaultTimeout(30_000);

/** What is promised is a second; the rest is for a slow machine. */
const ABORTED_WITHIN_MS = 2_000;
/** Prints a line each 2 ms until Ctrl-C. */
const TAIL = "test tail 1000000 2";

let netpulse: Netpulse;
let api: Api;
beforeAll(async () => {
  netpulse = await startNetpulse({ env: { NETPULSE_SESSION__PER_DEVICE: "1" } });
  api = new Api(netpulse);
});
afterAll(async () => {
  await netpulse?.stop();
});

let device: Device;
beforeEach(async () => {
  device = await startDevice();
});
afterEach(async () => {
  await device?.stop();
});

const ABORTED = { status: "failed", type: "stopped", error: "JobAborted" };

/** Aborts the job; resolves with it as it ended and how long that took, ms. */
async function abort(id: string): Promise<{ job: Job; took: number }> {
  const asked = performance.now();
  expect(await api.cancel(`id=${id}&force=true`)).toEqual({ cancelled_count: 1, cancelled_jobs: [id] });
  const job = await api.ended(id);
  const took = performance.now() - asked;
  expect(failure(job)).toEqual(ABORTED);
  expect(took).toBeLessThan(ABORTED_WITHIN_MS);
  return { job, took };
}

/** That the next job finds the device at rest: nothing left over, in exec mode, on a session of its own. */
async function expectClean(more: Record<string, unknown> = {}) {
  const job = await api.run(on(device, { command: "show privilege", ...more }));
  expect(resultOf(job)).toMatchObject({ type: "success", retval: "Current privilege level is 15\n" });
  expect(device.handle.log().at(-1)).toMatchObject({ text: "show privilege", prompt: "lab-1#" });
}

async function busyWorker(id: string, session: string): Promise<void> {
  await until(`the worker of ${id} is ${session}`, async () => {
    const workers = await api.workers("status=busy");
    return workers.find((each) => each.current_jobs.includes(id) && each.session === session) ?? null;
  });
}

describe("a job that prints", () => {
  test("gets Ctrl-C, keeps its output, and ends within a second, fifty times over", async () => {
    const times: number[] = [];
    for (let round = 1; round <= 50; round++) {
      const { id } = await api.exec(on(device, { command: ["show clock", TAIL] }));
      await device.received(TAIL, round);
      const { job, took } = await abort(id);
      times.push(took);
      const [clock, tail] = resultOf(job).outputs;
      expect(clock).toMatchObject({ command: "show clock", ok: true });
      expect(tail).toMatchObject({ command: TAIL, ok: null });
      const interrupts = device.handle.log().filter(({ end }) => end === "interrupt");
      expect(interrupts.length).toBe(round);
      await expectClean();
    }
    times.sort((a, b) => a - b);
    expect(times[24]).toBeLessThan(500);
  });

  test("and takes no Ctrl-C loses its session all the same", async () => {
    await device.handle.setFault("flood");
    const { id } = await api.exec(on(device, { command: "show interfaces" }));
    await device.received("show interfaces");
    const { job } = await abort(id);
    expect(resultOf(job).outputs).toMatchObject([{ command: "show interfaces", ok: null }]);
    await device.open(0);
    await device.handle.setFault("none");
    await expectClean();
  });

  test("page by page is not paged to its end", async () => {
    const { id } = await api.exec(on(device, { command: ["terminal length 3", "show interfaces"] }));
    await device.received("terminal length 3");
    device.handle.setLatency(50);
    await device.received("show interfaces");
    await abort(id);
    await device.open(0);
    device.handle.setLatency(0);
    await expectClean();
  });
});

describe("a job that is still connecting", () => {
  test.each(["stall-connect", "stall-banner", "stall-kex", "stall-auth", "stall-prompt"] as const)(
    "to a device with %s ends, and leaves no connection",
    async (fault) => {
      await device.handle.setFault(fault);
      const { id } = await api.exec(on(device, { command: "show clock" }));
      await busyWorker(id, "connecting");
      const { job } = await abort(id);
      expect(resultOf(job)).toMatchObject({ retval: null, outputs: [] });
      await device.open(0);
      await device.handle.setFault("none");
      await expectClean();
    },
  );

  test("because it waits for a place gives up its turn; who has the place goes on", async () => {
    const held = await startHeldJob(api, device, { queue_strategy: "fifo" });
    const { id } = await api.exec(on(device, { command: "show version", queue_strategy: "fifo" }));
    await busyWorker(id, "connecting");
    const { job } = await abort(id);
    expect(resultOf(job)).toMatchObject({ retval: null, outputs: [] });
    expect((await api.job(held.id)).status).toBe("started");
    device.release();
    expect((await api.ended(held.id)).status).toBe("finished");
    expect(device.handle.counts().connections).toBe(1);
    await expectClean({ queue_strategy: "fifo" });
  });
});

describe("a job in configuration mode", () => {
  const config = ["interface Loopback5", "description before"];

  test("has it left, as the device's own log says", async () => {
    const { id } = await api.exec(on(device, { config: [...config, `do ${TAIL}`, "shutdown"] }));
    await device.received(`do ${TAIL}`);
    const { job } = await abort(id);
    expect(resultOf(job).outputs.map(({ ok }) => ok)).toEqual([true, true, null]);
    const mine = device.handle.log().filter(({ session }) => session === 1);
    expect(mine.slice(-2)).toMatchObject([
      { end: "interrupt" },
      { text: "end", prompt: expect.stringContaining("(config") },
    ]);
    await expectClean();
    expect(device.count("shutdown")).toBe(0);
  });

  test("of a device that does not answer has its session thrown away", async () => {
    await device.handle.setFault("stall-config");
    const { id } = await api.exec(on(device, { config: [...config, "shutdown"] }));
    await device.received("description before");
    await abort(id);
    await device.open(0);
    await device.handle.setFault("none");
    await expectClean();
    expect(device.count("shutdown")).toBe(0);
  });
});

test.each([
  ["obeys", "sleep"],
  ["ignores SIGTERM", "trap '' TERM; echo deaf; sleep"],
])("a command on a Linux host that %s is gone with its job", async (_what, command) => {
  await using sshd = await startSshd();
  const { name: username, password } = sshd.account;
  const connection_args = { host: sshd.host, port: sshd.port, username, password };
  const request = (line: string) => ({ driver: "linux", connection_args, command: line });
  const sleep = `sleep 7${process.pid}`;
  const { id } = await api.exec(request(`echo begun; ${command} 7${process.pid}`));
  await until("it runs", async () => ((await processes(sleep)).length > 0 ? true : null));
  // A whole job on another device takes longer than the way of what it has printed.
  await api.run(on(device, { command: "show clock" }));
  const { job } = await abort(id);
  expect(resultOf(job).retval).toStartWith("begun\n");
  await until("it is gone", async () => ((await processes(sleep)).length === 0 ? true : null), 2_000);
  expect(resultOf(await api.run(request("echo again"))).retval).toBe("again\n");
});

/** Command lines of the machine that end so. */
async function processes(ending: string): Promise<string[]> {
  const { stdout } = await run(["ps", "-e", "-o", "args="]);
  return stdout.split("\n").filter((line) => line.trimEnd().endsWith(ending));
}
