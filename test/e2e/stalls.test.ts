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
import { readFileSync } from "node:fs";
import type { Fault } from "../../src/lab/lab.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { must } from "../support/process.ts";
import { startSshd } from "../support/sshd.ts";
import { Api, failure, resultOf } from "./support/api.ts";
import type { Job } from "./support/contract.ts";
import { type Device, startDevice } from "./support/device.ts";
import { on } from "./support/held-job.ts";
import { until } from "./support/until.ts";

setDefaultTimeout(30_000);

const TIMEOUT_S = 1;
const GRACE_S = 1;
/** For a slow machine. */
const SLACK_S = 1.5;
const MAX_OUTPUT = 2 * 1024 * 1024;

let netpulse: Netpulse;
let api: Api;
let calm: Device;
beforeAll(async () => {
  netpulse = await startNetpulse({
    env: {
      // One: the job behind a hung one can only run when that has freed its worker.
      NETPULSE_WORKER__FIFO: "1",
      NETPULSE_WORKER__STOP_GRACE: String(GRACE_S),
      NETPULSE_JOB__MAX_OUTPUT: String(MAX_OUTPUT),
    },
  });
  api = new Api(netpulse);
  calm = await startDevice();
});
afterAll(async () => {
  await netpulse?.stop();
  await calm?.stop();
});

let device: Device;
beforeEach(async () => {
  device = await startDevice();
});
afterEach(async () => {
  await device?.stop();
});

const CONFIG = ["interface Loopback5", "description never taken", "shutdown"];

interface Stall {
  fault: Fault;
  /** What the error says that it was waiting for. */
  hung: string;
  config?: string[];
}

const IN_CONNECTING: Stall[] = [
  { fault: "stall-connect", hung: "waiting for the TCP connection to 127.0.1." },
  { fault: "stall-banner", hung: "waiting for the SSH identification of 127.0.1." },
  { fault: "stall-kex", hung: "in the SSH key exchange with 127.0.1." },
  { fault: "stall-auth", hung: "in the SSH login to 127.0.1." },
  { fault: "stall-prompt", hung: "waiting for the first prompt after the login" },
  { fault: "trickle", hung: "waiting for the first prompt after the login" },
];

const IN_A_RUN: Stall[] = [
  { fault: "stall-output", hung: 'in command 1 of 1, "show interfaces"' },
  { fault: "stall-config", hung: 'in config line 2 of 3, "description never taken"', config: CONFIG },
];

function work({ config }: Stall): Record<string, unknown> {
  return config === undefined ? { command: "show interfaces" } : { config };
}

function expectOverdue(job: Job, { hung }: Stall) {
  expect(failure(job)).toEqual({ status: "failed", type: "timeout", error: "TimeoutError" });
  const { message } = resultOf(job).error ?? {};
  expect(message).toStartWith(
    `the job did not end within its execution_timeout of ${TIMEOUT_S} s; it was ${hung}`,
  );
  // A deadline that goes to another process's clock comes some milliseconds early rather than late.
  expect(job.duration).toBeGreaterThanOrEqual(TIMEOUT_S - 0.1);
  expect(job.duration).toBeLessThan(TIMEOUT_S + GRACE_S + SLACK_S);
}

/** That a session works, and begins where a new one does. */
async function expectServed(served: Device, queue_strategy: string) {
  const job = await api.run(on(served, { command: "show privilege", queue_strategy }));
  expect(resultOf(job)).toMatchObject({ type: "success", retval: "Current privilege level is 15\n" });
}

describe.each([...IN_CONNECTING, ...IN_A_RUN])("a device with $fault", (stall) => {
  test("costs its job as a timeout, and frees the FIFO worker for the next device in time", async () => {
    await device.handle.setFault(stall.fault);
    const request = { ...work(stall), execution_timeout: TIMEOUT_S, queue_strategy: "fifo" };
    const hung = await api.exec(on(device, request));
    await expectServed(calm, "fifo");
    expectOverdue(await api.job(hung.id), stall);
    await device.open(0);

    await device.handle.setFault("none");
    await expectServed(device, "fifo");
    expect(device.handle.runningConfig()).not.toContain("never taken");
  });

  test("costs a pinned worker its session; the next job opens another, on the same worker", async () => {
    await device.handle.setFault(stall.fault);
    const request = on(device, { ...work(stall), execution_timeout: TIMEOUT_S });
    const hung = await api.run(request);
    expectOverdue(hung, stall);
    await device.open(0);
    await device.handle.setFault("none");
    await expectServed(device, "pinned");
    await device.open(1);
    const [worker] = await api.workers(`host=${device.handle.host}`);
    expect(worker).toMatchObject({ name: `${hung.worker}`, status: "idle" });
  });
});

test.each(IN_A_RUN)("a session that was kept and meets $fault is thrown away", async (stall) => {
  await expectServed(device, "pinned");
  await device.handle.setFault(stall.fault);
  expectOverdue(await api.run(on(device, { ...work(stall), execution_timeout: TIMEOUT_S })), stall);
  await device.handle.setFault("none");
  await expectServed(device, "pinned");
  expect(device.handle.log().map(({ session }) => session)).toContain(2);
  expect(device.handle.log().at(-1)).toMatchObject({ text: "show privilege", session: 2 });
  expect(device.handle.counts().logins).toBe(2);
});

test("what came before a device went silent is kept", async () => {
  await device.handle.setFault("stall-output");
  const job = await api.run(on(device, { command: "show interfaces", execution_timeout: TIMEOUT_S }));
  const [output] = resultOf(job).outputs;
  expect(output).toMatchObject({ command: "show interfaces", ok: null, duration: null });
  expect(output?.stdout).toContain("line protocol is");
});

describe.each(["drop-banner", "drop-kex", "drop-auth", "drop-prompt", "drop-output", "drop-config"] as const)(
  "a device with %s",
  (fault) => {
    test("costs its job as a ConnectionError at once, and nothing else", async () => {
      await device.handle.setFault(fault);
      const request = fault === "drop-config" ? { config: CONFIG } : { command: "show interfaces" };
      const job = await api.run(on(device, { ...request, execution_timeout: 20 }));
      expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "ConnectionError" });
      expect(job.duration).toBeLessThan(5);
      await device.handle.setFault("none");
      await expectServed(device, "pinned");
    });
  },
);

test.each([1, 2, 3, 4, 5])(
  "garbled output (seed %d) ends its job in order and the session goes on",
  async (seed) => {
    const clean = `${resultOf(await api.run(on(calm, { command: "show version" }))).retval}`;
    await using dirty = await startDevice({ fault: "garble", seed });
    const request = on(dirty, { command: "show version", execution_timeout: 20 });
    const job = await api.run(request);
    expect(job.status).toBe("finished");
    const { retval } = resultOf(job);
    expect(retval).not.toMatch(/[\0\x07\x1b]/);
    expect(`${retval}`.split("\n").length).toBeGreaterThanOrEqual(clean.split("\n").length);
    await dirty.handle.setFault("none");
    await expectServed(dirty, "pinned");
    expect(dirty.handle.counts().logins).toBe(1);
  },
);

describe("a device that floods", () => {
  const flooded = { command: "show interfaces", execution_timeout: 25 };

  test("ends its job as OutputLimit with what came before, and frees the worker", async () => {
    await device.handle.setFault("flood");
    const job = await api.exec(on(device, { ...flooded, queue_strategy: "fifo" }));
    await expectServed(calm, "fifo");
    const ended = await api.job(job.id);
    expect(failure(ended)).toEqual({ status: "failed", type: "failed", error: "OutputLimit" });
    const [output] = resultOf(ended).outputs;
    expect(output?.ok).toBeNull();
    expect(output?.stdout.length).toBeGreaterThan(MAX_OUTPUT * 0.9);
    expect(output?.stdout.length).toBeLessThanOrEqual(MAX_OUTPUT);
    expect(ended.duration).toBeLessThan(15);
    await device.open(0);
    await device.handle.setFault("none");
    await expectServed(device, "fifo");
  });

  test("or a Linux host that does ends the same way, and the command is gone", async () => {
    await using sshd = await startSshd();
    const { name: username, password } = sshd.account;
    const connection_args = { host: sshd.host, port: sshd.port, username, password };
    const request = (command: string) => ({ driver: "linux", connection_args, command });
    const mark = `flood-${process.pid}`;
    const ended = await api.run(request(`yes ${mark}`));
    expect(failure(ended)).toEqual({ status: "failed", type: "failed", error: "OutputLimit" });
    expect(resultOf(ended).outputs[0]?.stdout.length).toBeGreaterThan(MAX_OUTPUT * 0.9);
    const running = async () => (await must(["ps", "-e", "-o", "args="])).includes(`yes ${mark}`);
    await until("the command is gone", async () => ((await running()) ? null : true));
    expect(resultOf(await api.run(request("echo on"))).retval).toBe("on\n");
  });

  test("does not fill the memory of the session host", async () => {
    const { worker } = await api.run(on(device, { command: "show privilege" }));
    const [row] = await api.workers(`host=${device.handle.host}`);
    expect(row?.name).toBe(`${worker}`);
    await device.handle.setFault("flood");
    const before = peakMemoryMb(row?.pid ?? 0);
    for (let round = 0; round < 5; round++) {
      expect(failure(await api.run(on(device, flooded))).error).toBe("OutputLimit");
    }
    expect(peakMemoryMb(row?.pid ?? 0) - before).toBeLessThan(96);
  });
});

/** The most memory that the process has had so far. */
function peakMemoryMb(pid: number): number {
  const [, kib = ""] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}
