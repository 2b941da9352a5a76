import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { Api } from "./support/api.ts";
import { startDevice } from "./support/device.ts";
import { on, startHeldJob } from "./support/held-job.ts";

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

describe("Idempotency-Key", () => {
  test("a repeat answers with the first job, also after its end; another body is refused", async () => {
    await using device = await startDevice();
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const request = on(device, { command: "show inventory" });
    const first = await api.exec(request, headers);
    const second = await api.exec(request, headers);
    expect(second.id).toBe(first.id);
    await api.ended(first.id);
    expect(await api.exec(request, headers)).toMatchObject({ id: first.id, status: "finished" });

    const other = await api.tryExec(on(device, { command: "show privilege" }), headers);
    expect(other.status).toBe(422);
    expect(other.message).toMatch(/idempotency/i);
    expect(device.count("show inventory")).toBe(1);
    expect(device.count("show privilege")).toBe(0);
  });

  test("twenty repeats at once make one job", async () => {
    await using device = await startDevice();
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const request = on(device, { command: "show inventory" });
    const jobs = await Promise.all(Array.from({ length: 20 }, () => api.exec(request, headers)));
    expect(new Set(jobs.map((job) => job.id)).size).toBe(1);
    await api.ended(jobs[0]?.id ?? "");
    expect(device.count("show inventory")).toBe(1);
  });
});

describe("queues", () => {
  test("jobs of one pinned device run one after another, in the order they came, over one session", async () => {
    await using device = await startDevice({ latencyMs: 5 });
    const ids: string[] = [];
    for (let n = 1; n <= 8; n += 1) {
      // Named by its number, to be told from the others in the device's log.
      const { id } = await api.exec(
        on(device, { command: [`show clock | include ${n}begin`, `show clock | include ${n}end`] }),
      );
      ids.push(id);
    }
    const jobs = await Promise.all(ids.map((id) => api.ended(id)));
    expect(jobs.map((job) => job.status)).toEqual(ids.map(() => "finished"));

    const log = device.handle.log().filter((line) => /begin|end/.test(line.text));
    const numbers = Array.from({ length: 8 }, (_, n) => [
      `show clock | include ${n + 1}begin`,
      `show clock | include ${n + 1}end`,
    ]);
    expect(log.map((line) => line.text)).toEqual(numbers.flat());
    expect(new Set(log.map((line) => line.session)).size).toBe(1);
    expect(device.handle.counts().logins).toBe(1);
    for (const [n, job] of jobs.entries()) {
      const before = jobs[n - 1];
      if (before !== undefined)
        expect(Date.parse(`${job.started_at}`)).toBeGreaterThanOrEqual(Date.parse(`${before.ended_at}`));
    }
  });

  test("a waiting job says what it waits for: its device, those before it, a suspended worker", async () => {
    await using device = await startDevice();
    const held = await startHeldJob(api, device);
    const submitted = await api.exec(on(device, { command: "show clock" }));
    expect(submitted.waiting_on).toMatchObject({ reason: "position", ahead: null });
    const later = await api.exec(on(device, { command: "show clock" }));
    expect((await api.job(submitted.id)).waiting_on).toMatchObject({
      reason: "device_busy",
      job: held.id,
      ahead: 0,
      until: null,
    });
    const listed = await api.jobs(`queue=${encodeURIComponent(device.queue)}&order=asc`);
    expect(listed.map(({ waiting_on }) => waiting_on?.ahead ?? null)).toEqual([null, 0, 1]);

    await api.call("POST", `/worker/suspend?queue=${encodeURIComponent(device.queue)}`);
    device.release();
    await api.ended(held.id);
    expect((await api.job(later.id)).waiting_on).toMatchObject({ reason: "suspended", ahead: 1 });
    await api.call("POST", `/worker/resume?queue=${encodeURIComponent(device.queue)}`);
    expect(await api.ended(later.id)).toMatchObject({ status: "finished", waiting_on: null });
  });

  test("the default of a network CLI is pinned; FIFO closes its session after the job", async () => {
    await using device = await startDevice();
    const pinned = await api.run(on(device, { command: "show clock" }));
    expect(pinned.queue).toBe(device.queue);
    await device.open(1);
    const fifo = await api.run(on(device, { command: "show clock", queue_strategy: "fifo" }));
    expect(fifo).toMatchObject({ status: "finished", queue: "FifoQ", host: device.handle.host });
    await device.open(1);
    expect(device.handle.counts().logins).toBe(2);
    const worker = (await api.workers("queue=FifoQ")).find(({ name }) => name === fifo.worker);
    expect(worker).toMatchObject({ queues: ["FifoQ"], host: null });
  });

  test("options may stand in an object of their own", async () => {
    await using device = await startDevice();
    const job = await api.run(on(device, { command: "show clock", options: { queue_strategy: "fifo" } }));
    expect(job).toMatchObject({ status: "finished", queue: "FifoQ" });
  });

  test("jobs of two devices run at the same time", async () => {
    await using one = await startDevice();
    await using two = await startDevice();
    const [first, second] = await Promise.all([startHeldJob(api, one), startHeldJob(api, two)]);
    expect([first.status, second.status]).toEqual(["started", "started"]);
    expect(first.worker).not.toBe(second.worker);
  });

  test("no more than two sessions are open to a device, whatever waits for it", async () => {
    await using device = await startDevice();
    const held = await startHeldJob(api, device, { queue_strategy: "fifo" });
    await startHeldJob(api, device, { queue_strategy: "fifo" });
    const third = await api.exec(on(device, { command: "show privilege", queue_strategy: "fifo" }));
    expect((await api.job(third.id, "&wait=1")).ended_at).toBeNull();
    expect(device.handle.counts().open).toBe(2);
    expect(device.count("show privilege")).toBe(0);
    device.release();
    expect((await api.ended(held.id)).status).toBe("finished");
    expect((await api.ended(third.id)).status).toBe("finished");
    expect(device.handle.counts().connections).toBe(3);
  });

  test("a connection that was cut is opened again for the next job", async () => {
    await using device = await startDevice();
    await api.run(on(device, { command: "show clock" }));
    device.handle.dropConnections();
    await device.open(0);
    expect((await api.run(on(device, { command: "show clock" }))).status).toBe("finished");
    expect(device.handle.counts().logins).toBe(2);
  });
});
