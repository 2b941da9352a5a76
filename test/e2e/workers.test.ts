import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { must } from "../support/process.ts";
import { Api, dataOf } from "./support/api.ts";
import type { Worker } from "./support/contract.ts";
import { startDevice } from "./support/device.ts";
import { expectInterrupted, on, startHeldJob } from "./support/held-job.ts";
import { until } from "./support/until.ts";

setDefaultTimeout(30_000);

let netpulse: Netpulse;
let api: Api;
beforeAll(async () => {
  netpulse = await startNetpulse();
  api = new Api(netpulse);
});
afterAll(async () => {
  await netpulse?.stop();
});

function isAlive(worker: Worker): boolean {
  return worker.status !== "dead";
}

async function workerNamed(name: string): Promise<Worker | undefined> {
  return (await api.workers()).find((worker) => worker.name === name);
}

describe("a worker that is deleted", () => {
  test("interrupts its job, which keeps the output so far; data and details say so", async () => {
    await using device = await startDevice();
    const { id, worker } = await startHeldJob(api, device);
    const stopped = await api.stopWorkers(`name=${worker}`);
    expect(stopped).toEqual({
      names: [`${worker}`],
      details: [{ worker: `${worker}`, status: "stopped", interrupted_jobs: 1, jobs: [id] }],
    });
    // The answer came after the fact, so nothing has to be waited for.
    const job = await api.job(id);
    expectInterrupted(job, "stopped", "WorkerStopped");
    await device.open(0);
    expect(await workerNamed(`${worker}`)).toMatchObject({
      status: "dead",
      current_jobs: [],
      session: "none",
    });
    expect((await api.delete(`/worker?name=${worker}`)).status).toBe(404);
  });

  test("pinned: comes back with the next job for its device", async () => {
    await using device = await startDevice();
    const first = await api.run(on(device, { command: "show clock" }));
    const { names } = await api.stopWorkers(`host=${device.handle.host}`);
    expect(names).toEqual([`${first.worker}`]);
    const second = await api.run(on(device, { command: "show clock" }));
    expect(second.status).toBe("finished");
    expect(second.queue).toBe(device.queue);
    const alive = (await api.workers(`queue=${encodeURIComponent(device.queue)}`)).filter(isAlive);
    expect(alive.map((worker) => worker.name)).toEqual([`${second.worker}`]);
  });

  test("pinned: its queued jobs outlive it", async () => {
    await using device = await startDevice();
    const held = await startHeldJob(api, device);
    const waiting = await api.exec(on(device, { command: "show privilege" }));
    await api.stopWorkers(`queue=${encodeURIComponent(device.queue)}`);
    expect((await api.ended(held.id)).status).toBe("failed");
    expect((await api.ended(waiting.id)).status).toBe("finished");
  });

  test("FIFO: is replaced by one of another name", async () => {
    await using device = await startDevice();
    const before = (await api.workers("queue=FifoQ")).filter(isAlive);
    const held = await startHeldJob(api, device, { queue_strategy: "fifo" });
    const { names } = await api.stopWorkers(`name=${held.worker}`);
    expect(names).toEqual([`${held.worker}`]);
    expectInterrupted(await api.job(held.id), "stopped", "WorkerStopped");
    const after = await until("a replacement of the stopped worker", async () => {
      const alive = (await api.workers("queue=FifoQ")).filter(isAlive);
      return alive.length === before.length ? alive : null;
    });
    const old = before.map((worker) => worker.name);
    expect(after.filter((worker) => !old.includes(worker.name))).toHaveLength(1);
    expect(after.map((worker) => worker.name)).not.toContain(`${held.worker}`);
  });

  test("all of a node at once, idle ones too", async () => {
    await using device = await startDevice();
    const held = await startHeldJob(api, device);
    const alive = (await api.workers()).filter(isAlive);
    const { names, details } = await api.stopWorkers(`node=${held.node}`);
    expect(names.sort()).toEqual(alive.map((worker) => worker.name).sort());
    expect(details.filter((detail) => detail.interrupted_jobs > 0)).toEqual([
      { worker: `${held.worker}`, status: "stopped", interrupted_jobs: 1, jobs: [held.id] },
    ]);
    await using other = await startDevice();
    expect((await api.run(on(other, { command: "show clock", queue_strategy: "fifo" }))).status).toBe(
      "finished",
    );
    expect((await api.run(on(other, { command: "show clock" }))).status).toBe("finished");
  });
});
describe("a worker that is suspended", () => {
  test("finishes what it runs and takes nothing new until it is resumed", async () => {
    await using device = await startDevice();
    const held = await startHeldJob(api, device);
    expect(await workerNamed(`${held.worker}`)).toMatchObject({ status: "busy", current_jobs: [held.id] });

    const filter = `host=${device.handle.host}`;
    const suspended = await api.call("POST", `/worker/suspend?${filter}`);
    expect(dataOf(suspended, 200, Type.Array(Type.String()))).toEqual([`${held.worker}`]);
    const next = await api.exec(on(device, { command: "show privilege" }));
    device.release();
    expect((await api.ended(held.id)).status).toBe("finished");
    expect(await workerNamed(`${held.worker}`)).toMatchObject({ status: "suspended", current_jobs: [] });
    expect((await api.job(next.id, "&wait=1")).status).toBe("queued");
    expect(device.count("show privilege")).toBe(0);

    const resumed = await api.call("POST", `/worker/resume?${filter}`);
    expect(dataOf(resumed, 200, Type.Array(Type.String()))).toEqual([`${held.worker}`]);
    expect(await api.ended(next.id)).toMatchObject({ status: "finished", worker: `${held.worker}` });
  });
});

test("the pid of a worker is that of a child of the product", async () => {
  const workers = await api.workers();
  const pids = [...new Set(workers.filter(isAlive).map((worker) => worker.pid))];
  const parents = (await must(["ps", "-o", "ppid=", "-p", pids.join(",")])).trim().split(/\s+/);
  expect(new Set(parents.map(Number))).toEqual(new Set([netpulse.pid]));
});
