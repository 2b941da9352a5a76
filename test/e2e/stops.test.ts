import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { Api } from "./support/api.ts";
import { type Device, startDevice } from "./support/device.ts";
import { expectInterrupted, on, startHeldJob } from "./support/held-job.ts";
import { descendants, gone } from "./support/processes.ts";

setDefaultTimeout(30_000);

let folder: TempDir;
let device: Device;
let netpulse: Netpulse;
let api: Api;
beforeEach(async () => {
  folder = tempDir("stops");
  device = await startDevice();
  await start();
});
afterEach(async () => {
  await netpulse?.stop();
  await device?.stop();
  folder?.remove();
});

/** What takes seconds by default takes less here. */
const env = {
  NETPULSE_WORKER__LEASE: "2",
  NETPULSE_WORKER__LEASE_MARGIN: "0.5",
  NETPULSE_WORKER__STOP_GRACE: "1",
};

/** Starts the product on the data folder that is there. */
async function start(): Promise<void> {
  netpulse = await startNetpulse({ dataDir: folder.path, env });
  api = new Api(netpulse);
}

const ORDERLY = { code: 0, signal: null };

describe("SIGTERM in the middle of a job", () => {
  test("ends in order: the job has its outcome, no process and no connection is left", async () => {
    const running = await startHeldJob(api, device);
    const waiting = await api.exec(on(device, { command: "show inventory" }));
    const hosts = await descendants(netpulse.pid);
    const asked = performance.now();
    expect(await netpulse.stop()).toEqual(ORDERLY);
    expect(performance.now() - asked).toBeLessThan(10_000);
    await gone(hosts);
    await device.open(0);
    device.release();

    await start();
    expectInterrupted(await api.job(running.id), "stopped", "WorkerStopped");
    expect((await api.ended(waiting.id)).status).toBe("finished");
    expect(device.count("show users")).toBe(1);
    // People alert on `dead`: an orderly end leaves none behind.
    expect(await api.workers("status=dead")).toEqual([]);
  });

  test("answers whoever waits by a long poll before it goes", async () => {
    const { id } = await startHeldJob(api, device);
    const poll = api.job(id, "&wait=60");
    await netpulse.stop();
    expect((await poll).id).toBe(id);
  });

  test("given twice, it does not wait any longer; the job ends all the same", async () => {
    const { id } = await startHeldJob(api, device);
    const hosts = await descendants(netpulse.pid);
    process.kill(netpulse.pid, "SIGTERM");
    await netpulse.waitForOutput(/stopping/);
    process.kill(netpulse.pid, "SIGTERM");
    await netpulse.exited;
    await gone(hosts);
    await device.open(0);
    await start();
    expect(await api.ended(id)).toMatchObject({ status: "failed", result: { type: "stopped" } });
  });
});

test("Ctrl-C, which reaches every process of the terminal, ends in order too", async () => {
  const running = await startHeldJob(api, device);
  const hosts = await descendants(netpulse.pid);
  for (const pid of [...hosts, netpulse.pid]) process.kill(pid, "SIGINT");
  expect(await netpulse.exited).toEqual(ORDERLY);
  await gone(hosts);
  await start();
  expectInterrupted(await api.job(running.id), "stopped", "WorkerStopped");
});

test("an idle product ends at once, and says goodbye to the devices it is connected to", async () => {
  await api.run(on(device, { command: "show clock" }));
  await device.open(1);
  const asked = performance.now();
  expect(await netpulse.stop()).toEqual(ORDERLY);
  expect(performance.now() - asked).toBeLessThan(2_000);
  await device.open(0);
});

test("a second one on the same data folder does not start, and the first goes on", async () => {
  await expect(startNetpulse({ dataDir: folder.path })).rejects.toThrow(/exit code [1-9]/);
  expect((await api.run(on(device, { command: "show clock" }))).status).toBe("finished");
});

test("what ended before a restart reads the same after it", async () => {
  const finished = await api.run(on(device, { command: ["show clock", "show version"] }));
  const failed = await api.run(on(device, { command: "show nothing" }));
  await netpulse.stop();
  await start();
  expect(await api.jobs("order=asc")).toEqual([finished, failed]);
});
