import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { Api, resultOf } from "./support/api.ts";
import { startDevice } from "./support/device.ts";
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

describe("time", () => {
  test("a long poll is held until the job ends", async () => {
    await using device = await startDevice();
    const { id } = await startHeldJob(api, device);
    let answered = false;
    const poll = api.job(id, "&wait=30").finally(() => {
      answered = true;
    });
    expect((await api.job(id, "&wait=0.5")).status).toBe("started");
    expect(answered).toBe(false);
    const released = performance.now();
    device.release();
    expect((await poll).status).toBe("finished");
    expect(performance.now() - released).toBeLessThan(2000);
    const again = performance.now();
    await api.job(id, "&wait=30");
    expect(performance.now() - again).toBeLessThan(1000);
  });

  test("a long poll gives the job as it is when its own time is over", async () => {
    await using device = await startDevice();
    const { id } = await startHeldJob(api, device);
    const start = performance.now();
    expect((await api.job(id, "&wait=1")).status).toBe("started");
    expect(performance.now() - start).toBeWithin(990, 2500);
  });

  test("execution_timeout ends a run, with the output so far", async () => {
    await using device = await startDevice();
    const { id } = await startHeldJob(api, device, { execution_timeout: 1.5 });
    const job = await api.ended(id);
    expectInterrupted(job, "timeout", "TimeoutError");
    expect(job.duration).toBeWithin(1.4, 6);
    device.release();
    expect((await api.run(on(device, { command: "show clock" }))).status).toBe("finished");
  });

  test("read_timeout ends the wait for a prompt and says what was waited for", async () => {
    await using device = await startDevice();
    const { id } = await startHeldJob(api, device, { driver_args: { read_timeout: 1 } });
    const job = await api.ended(id);
    expect(resultOf(job).error).toMatchObject({ type: "TimeoutError" });
    expect(resultOf(job).error?.message).toMatch(/prompt/i);
    expect(resultOf(job).outputs[0]).toMatchObject({ command: "show clock", ok: true });
  });

  test("ttl ends the wait in the queue; nothing is sent", async () => {
    await using device = await startDevice();
    await startHeldJob(api, device);
    const { id } = await api.exec(on(device, { command: "show inventory", ttl: 1 }));
    const job = await api.ended(id);
    expect(job).toMatchObject({
      status: "failed",
      started_at: null,
      worker: null,
      duration: null,
      attempts: 0,
    });
    expect(resultOf(job)).toMatchObject({ retval: null, outputs: [], error: { type: "JobExpired" } });
    device.release();
    await api.run(on(device, { command: "show privilege" }));
    expect(device.count("show inventory")).toBe(0);
  });

  test("ttl does not end a job that runs", async () => {
    await using device = await startDevice();
    const { id } = await startHeldJob(api, device, { ttl: 1 });
    expect((await api.job(id, "&wait=2")).status).toBe("started");
    device.release();
    expect((await api.ended(id)).status).toBe("finished");
  });
});
