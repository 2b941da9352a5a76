import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { Api } from "./support/api.ts";
import { type Device, startDevice } from "./support/device.ts";
import { expectInterrupted, on, startHeldJob } from "./support/held-job.ts";

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

describe("cancelling", () => {
  test("a queued job never starts", async () => {
    await using device = await startDevice();
    await startHeldJob(api, device);
    const { id } = await api.exec(on(device, { command: "show inventory" }));
    expect(await api.cancel(`id=${id}`)).toEqual({ cancelled_count: 1, cancelled_jobs: [id] });

    const cancelled = await api.job(id);
    expect(cancelled).toMatchObject({ status: "cancelled", started_at: null, worker: null, attempts: 0 });
    expect(cancelled.ended_at).not.toBeNull();
    device.release();
    await api.run(on(device, { command: "show privilege" }));
    expect(device.count("show inventory")).toBe(0);
    expect(await api.job(id)).toEqual(cancelled);
  });

  test("a job that started or ended is 409 and goes on as it was, an unknown one is 404", async () => {
    await using device = await startDevice();
    const started = await startHeldJob(api, device);
    expect(started.status).toBe("started");
    expect((await api.delete(`/job?id=${started.id}`)).status).toBe(409);
    device.release();
    const ended = await api.ended(started.id);
    expect(ended.status).toBe("finished");
    expect((await api.delete(`/job?id=${started.id}`)).status).toBe(409);
    expect((await api.delete(`/job?id=${started.id}&force=true`)).status).toBe(409);
    expect(await api.job(started.id)).toEqual(ended);
    expect((await api.delete("/job?id=job_00000000000000000000000000")).status).toBe(404);
  });

  test("a cancelled job is 409 the second time", async () => {
    await using device = await startDevice();
    await startHeldJob(api, device);
    const { id } = await api.exec(on(device, { command: "show inventory" }));
    await api.cancel(`id=${id}`);
    expect((await api.delete(`/job?id=${id}`)).status).toBe(409);
  });

  test("by queue: every queued job of the queue is named, the started one is left alone", async () => {
    await using device = await startDevice();
    await using neighbour = await startDevice();
    const started = await startHeldJob(api, device);
    await startHeldJob(api, neighbour);
    const waiting = await execMany(device, 12);
    const [other = ""] = await execMany(neighbour, 1);

    const cancelled = await api.cancel(`queue=${encodeURIComponent(device.queue)}`);
    expect(cancelled.cancelled_count).toBe(12);
    expect(cancelled.cancelled_jobs.sort()).toEqual(waiting.sort());
    expect((await api.job(started.id)).status).toBe("started");
    expect((await api.job(other)).status).toBe("queued");
  });

  test("by host: its FIFO jobs as well as its pinned ones", async () => {
    await using device = await startDevice();
    await startHeldJob(api, device);
    const pinned = await execMany(device, 3);
    await api.call("POST", "/worker/suspend?queue=FifoQ");
    const fifo = await execMany(device, 2, { queue_strategy: "fifo" });
    const cancelled = await api.cancel(`host=${device.handle.host}`);
    await api.call("POST", "/worker/resume?queue=FifoQ");
    expect(cancelled.cancelled_count).toBe(5);
    expect(cancelled.cancelled_jobs.sort()).toEqual([...pinned, ...fifo].sort());
    expect(await api.cancel(`host=${device.handle.host}`)).toEqual({
      cancelled_count: 0,
      cancelled_jobs: [],
    });
  });

  test("filters narrow together", async () => {
    await using device = await startDevice();
    await startHeldJob(api, device);
    await execMany(device, 1);
    const none = await api.cancel(`queue=FifoQ&host=${device.handle.host}`);
    expect(none).toEqual({ cancelled_count: 0, cancelled_jobs: [] });
    const id = await api.delete(`/job?id=job_00000000000000000000000000&host=${device.handle.host}`);
    expect(id.status).toBe(404);
    expect((await api.cancel(`host=${device.handle.host}`)).cancelled_count).toBe(1);
  });

  test("by force: a started job is aborted, with the output so far; the device takes the next one", async () => {
    await using device = await startDevice();
    const { id } = await startHeldJob(api, device);
    expect(await api.cancel(`id=${id}&force=true`)).toEqual({ cancelled_count: 1, cancelled_jobs: [id] });
    expectInterrupted(await api.ended(id), "stopped", "JobAborted");
    device.release();
    expect((await api.run(on(device, { command: "show clock" }))).status).toBe("finished");
    expect(device.count("show users")).toBe(1);
  });

  test("cancel and start never both win", async () => {
    await using device = await startDevice();
    await startHeldJob(api, device);
    const commands = Array.from({ length: 100 }, (_, n) => `show clock | include race${n}end`);
    const jobs = await Promise.all(commands.map((command) => api.exec(on(device, { command }))));
    device.release();
    await device.received(commands[10] ?? "");
    // The worker goes through them from the first, the cancellations from the last, until they meet.
    const statuses: number[] = [];
    for (const { id } of jobs.toReversed()) statuses.unshift((await api.delete(`/job?id=${id}`)).status);
    const ended = await Promise.all(jobs.map(({ id }) => api.ended(id)));
    const outcomes = ended.map((job, n) => ({ status: job.status, sent: device.count(commands[n] ?? "") }));
    expect(outcomes).toEqual(
      statuses.map((status) =>
        status === 200 ? { status: "cancelled", sent: 0 } : { status: "finished", sent: 1 },
      ),
    );
    expect(new Set(statuses)).toEqual(new Set([200, 409]));
  });

  async function execMany(device: Device, count: number, more: Record<string, unknown> = {}) {
    const request = on(device, { command: "show inventory", ...more });
    const jobs = await Promise.all(Array.from({ length: count }, () => api.exec(request)));
    return jobs.map((job) => job.id);
  }
});
