import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { Api, failure, resultOf } from "./support/api.ts";
import { type Device, startDevice } from "./support/device.ts";
import { on } from "./support/held-job.ts";
import { expectOutputSoFar, startLongJob } from "./support/long-job.ts";
import { descendants, gone } from "./support/processes.ts";
import { until } from "./support/until.ts";

setDefaultTimeout(30_000);

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

describe("kill -9 of the whole product, in the middle of a job", () => {
  test("takes its session hosts along, and closes the devices' connections", async () => {
    await Promise.all([startLongJob(api, device), startLongJob(api, other, { queue_strategy: "fifo" })]);
    const hosts = await descendants(netpulse.pid);
    expect(hosts.length).toBeGreaterThan(0);

    await netpulse.kill9();
    await gone(hosts);
    await device.open(0);
    await other.open(0);
  });

  test("ends the job as lost, once, with its output so far, and the next ones run after a restart", async () => {
    const [running, fifo] = await Promise.all([
      startLongJob(api, device),
      startLongJob(api, other, { queue_strategy: "fifo" }),
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
  });

  test("twice in a row loses nothing either", async () => {
    const running = await startLongJob(api, device);
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
  });

  test("keeps every job that was accepted, also those of the last moment", async () => {
    await startLongJob(api, device);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => api.exec(on(device, { command: "show inventory" }))),
    );
    await netpulse.kill9();
    await start();
    const kept = await api.jobs(`host=${device.handle.host}`);
    const ids = kept.map((job) => job.id);
    expect(answers.filter((job) => !ids.includes(job.id))).toEqual([]);
    await api.cancel(`host=${device.handle.host}`);
  });
});

describe("kill -9 of a session host alone", () => {
  test("ends its running job as lost; the next one has a new host", async () => {
    const running = await startLongJob(api, device);
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
  });

  test("leaves the FIFO queue with as many workers as before", async () => {
    const alive = async () => (await api.workers("queue=FifoQ")).filter(({ status }) => status !== "dead");
    const before = await alive();
    const running = await startLongJob(api, other, { queue_strategy: "fifo" });
    const worker = before.find(({ name }) => name === running.worker);
    process.kill(worker?.pid ?? 0, "SIGKILL");
    expect(failure(await api.ended(running.id)).error).toBe("WorkerLost");
    other.release();
    const next = await api.run(on(other, { command: "show clock", queue_strategy: "fifo" }));
    expect(next.status).toBe("finished");
    expect(await alive()).toHaveLength(before.length);
  });
});

describe("the product frozen for longer than its lease, in the middle of a job", () => {
  test("its session host types no further: the device is let go, and the job is lost", async () => {
    device.delay("show privilege", 4000);
    const command = ["show clock", "show privilege", "show inventory"];
    const { id } = await api.exec(on(device, { command }));
    await device.received("show privilege");
    process.kill(netpulse.pid, "SIGSTOP");
    const frozen = performance.now();
    await device.open(0);
    // The last renewal allowed to write for the lease less its margin.
    expect(performance.now() - frozen).toBeLessThan(2_500);

    process.kill(netpulse.pid, "SIGCONT");
    const lost = await api.ended(id);
    expect(failure(lost)).toEqual({ status: "failed", type: "stopped", error: "WorkerLost" });
    expect(resultOf(lost).outputs[0]).toMatchObject({ command: "show clock", ok: true });
    expect((await api.run(on(device, { command: "show users" }))).status).toBe("finished");
    expect(device.count("show inventory")).toBe(0);
    expect(await api.job(id)).toEqual(lost);
  });
});
