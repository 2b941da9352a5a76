import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { Api, failure, resultOf } from "./support/api.ts";
import type { Job } from "./support/contract.ts";
import { type Device, startDevice } from "./support/device.ts";
import { descendants, gone } from "./support/processes.ts";
import { until } from "./support/until.ts";

/** Short leases and a short grace: what takes 10 s by default takes 2 here. */
const env = {
  NETPULSE_WORKER__LEASE: "2",
  NETPULSE_WORKER__LEASE_MARGIN: "0.5",
  NETPULSE_WORKER__STOP_GRACE: "1",
};

let folder: TempDir;
let device: Device;
let other: Device;
let netpulse: Netpulse;
let api: Api;
beforeEach(async () => {
  folder = tempDir("crash");
  [device, other] = await Promise.all([startDevice(), startDevice()]);
  await start();
});
afterEach(async () => {
  await netpulse?.stop();
  await Promise.all([device?.stop(), other?.stop()]);
  folder?.remove();
});

/** Starts the product on the data folder that is there. */
async function start(): Promise<void> {
  netpulse = await startNetpulse({ dataDir: folder.path, env });
  api = new Api(netpulse);
}

function on(target: Device, request: Record<string, unknown>): Record<string, unknown> {
  return { driver: "netmiko", connection_args: target.args(), ...request };
}

/**
 * A job in the middle of its third command. The device takes 1.5 s over the second one, so that what the
 * first printed is more than the second old that output may be lost for.
 */
async function startLongJob(target: Device, request: Record<string, unknown> = {}): Promise<Job> {
  target.delay("show privilege", 1500);
  target.hold("show users");
  const command = ["show clock", "show privilege", "show users"];
  const { id } = await api.exec(on(target, { command, ...request }));
  await target.received("show users");
  return await api.job(id);
}

function expectOutputSoFar(job: Job) {
  const { outputs, retval } = resultOf(job);
  expect(outputs[0]).toMatchObject({ command: "show clock", ok: true });
  expect(outputs[0]?.stdout).toMatch(/\d\d:\d\d:\d\d/);
  expect(outputs.map((output) => output.command)).toEqual(
    ["show clock", "show privilege", "show users"].slice(0, outputs.length),
  );
  expect(retval).toMatchObject({ "show clock": `${outputs[0]?.stdout}` });
}

describe("kill -9 of the whole product, in the middle of a job", () => {
  test("takes its session hosts along, and closes the devices' connections", async () => {
    await Promise.all([startLongJob(device), startLongJob(other, { queue_strategy: "fifo" })]);
    const hosts = await descendants(netpulse.pid);
    expect(hosts.length).toBeGreaterThan(0);

    await netpulse.kill9();
    await gone(hosts);
    await device.open(0);
    await other.open(0);
  });

  test("ends the job as lost, once, with its output so far, and the next ones run after a restart", async () => {
    const [running, fifo] = await Promise.all([
      startLongJob(device),
      startLongJob(other, { queue_strategy: "fifo" }),
    ]);
    const waiting = [
      await api.exec(on(device, { command: "show inventory" })),
      await api.exec(on(device, { command: "show version" })),
    ];
    const busy = (await api.workers("status=busy")).map(({ name, pid }) => ({ name, pid }));
    expect(busy.map(({ name }) => name).sort()).toEqual([running.worker, fifo.worker].map(String).sort());
    await netpulse.kill9();
    device.release();
    other.release();

    await start();
    const answering = performance.now();
    const lost = await api.ended(running.id, 15_000);
    const lostFifo = await api.ended(fifo.id, 15_000);
    expect(performance.now() - answering).toBeLessThan(15_000);
    for (const job of [lost, lostFifo]) {
      expect(failure(job)).toEqual({ status: "failed", type: "stopped", error: "WorkerLost" });
      expect(job.attempts).toBe(1);
      expectOutputSoFar(job);
    }
    expect(lost).toMatchObject({ worker: running.worker, started_at: running.started_at });

    const next = await Promise.all(waiting.map(({ id }) => api.ended(id)));
    expect(next.map((job) => job.status)).toEqual(["finished", "finished"]);
    expect(Date.parse(`${next[0]?.started_at}`)).toBeGreaterThanOrEqual(Date.parse(`${lost.ended_at}`));

    const dead = (await api.workers("status=dead")).map(({ name, pid }) => ({ name, pid }));
    for (const worker of busy) expect(dead).toContainEqual(worker);
    expect(next.map((job) => job.worker)).not.toContain(running.worker);

    // Once: neither the job nor the device hears of it again.
    expect(await api.job(running.id)).toEqual(lost);
    expect(await api.job(fifo.id)).toEqual(lostFifo);
    expect(await api.jobs(`host=${device.handle.host}`)).toHaveLength(3);
    for (const target of [device, other]) expect(target.count("show users")).toBe(1);
    expect(device.count("show inventory")).toBe(1);
  }, 40_000);

  test("twice in a row loses nothing either", async () => {
    const running = await startLongJob(device);
    const { id } = await api.exec(on(device, { command: "show inventory" }));
    await netpulse.kill9();
    await start();
    await netpulse.kill9();
    device.release();
    await start();
    const lost = await api.ended(running.id, 15_000);
    expect(failure(lost)).toEqual({ status: "failed", type: "stopped", error: "WorkerLost" });
    expectOutputSoFar(lost);
    expect((await api.ended(id)).status).toBe("finished");
    expect(device.count("show users")).toBe(1);
  }, 40_000);

  test("keeps every job that was accepted, also those of the last moment", async () => {
    await startLongJob(device);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => api.exec(on(device, { command: "show inventory" }))),
    );
    await netpulse.kill9();
    await start();
    const kept = await api.jobs(`host=${device.handle.host}`);
    const ids = kept.map((job) => job.id);
    expect(answers.filter((job) => !ids.includes(job.id))).toEqual([]);
    await api.cancel(`host=${device.handle.host}`);
  }, 30_000);
});

describe("kill -9 of a session host alone", () => {
  test("ends its running job as lost; the next one has a new host", async () => {
    const running = await startLongJob(device);
    const waiting = await api.exec(on(device, { command: "show inventory" }));
    const [worker] = await api.workers(`host=${device.handle.host}`);
    expect(worker).toMatchObject({ name: `${running.worker}`, status: "busy" });
    const pid = worker?.pid ?? 0;
    expect(await descendants(netpulse.pid)).toContain(pid);
    expect(pid).not.toBe(netpulse.pid);

    process.kill(pid, "SIGKILL");
    const killed = performance.now();
    const lost = await api.ended(running.id);
    expect(performance.now() - killed).toBeLessThan(5_000);
    expect(failure(lost)).toEqual({ status: "failed", type: "stopped", error: "WorkerLost" });
    expectOutputSoFar(lost);
    device.release();

    expect(await api.ended(waiting.id)).toMatchObject({ status: "finished" });
    // What a worker tells of itself comes with its heartbeats.
    await until("the device's one worker has a new host", async () => {
      const workers = await api.workers(`host=${device.handle.host}`);
      const alive = workers.filter(({ status }) => status !== "dead");
      expect(alive).toHaveLength(1);
      return alive[0]?.pid === pid ? null : alive;
    });
    expect(await api.job(running.id)).toEqual(lost);
    expect(device.count("show users")).toBe(1);
    expect((await api.get("/health")).data).toBe("ok");
  }, 30_000);

  test("leaves the FIFO queue with as many workers as before", async () => {
    const alive = async () => (await api.workers("queue=FifoQ")).filter(({ status }) => status !== "dead");
    const before = await alive();
    const running = await startLongJob(other, { queue_strategy: "fifo" });
    const worker = before.find(({ name }) => name === running.worker);
    process.kill(worker?.pid ?? 0, "SIGKILL");
    expect(failure(await api.ended(running.id)).error).toBe("WorkerLost");
    other.release();
    const next = await api.run(on(other, { command: "show clock", queue_strategy: "fifo" }));
    expect(next.status).toBe("finished");
    expect(await alive()).toHaveLength(before.length);
  }, 30_000);
});

describe("SIGTERM in the middle of a job", () => {
  test("ends in order: the job has its outcome, no process and no connection is left", async () => {
    const running = await startLongJob(device);
    const waiting = await api.exec(on(device, { command: "show inventory" }));
    const hosts = await descendants(netpulse.pid);
    const asked = performance.now();
    expect(await netpulse.stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - asked).toBeLessThan(10_000);
    await gone(hosts);
    await device.open(0);
    device.release();

    await start();
    const stopped = await api.job(running.id);
    expect(failure(stopped)).toEqual({ status: "failed", type: "stopped", error: "WorkerStopped" });
    expectOutputSoFar(stopped);
    expect((await api.ended(waiting.id)).status).toBe("finished");
    expect(device.count("show users")).toBe(1);
    // People alert on `dead`: an orderly end leaves none behind.
    expect(await api.workers("status=dead")).toEqual([]);
  }, 30_000);

  test("lets a job that is nearly done finish", async () => {
    device.delay("show users", 300);
    const { id } = await api.exec(on(device, { command: "show users" }));
    await device.received("show users");
    expect(await netpulse.stop()).toEqual({ code: 0, signal: null });
    await start();
    expect((await api.job(id)).status).toBe("finished");
  }, 30_000);

  test("answers whoever waits by a long poll before it goes", async () => {
    const { id } = await startLongJob(device);
    const poll = api.job(id, "&wait=60");
    await netpulse.stop();
    expect((await poll).id).toBe(id);
  }, 30_000);
});
