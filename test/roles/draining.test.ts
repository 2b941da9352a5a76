import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { Api, failure } from "../e2e/support/api.ts";
import { type Device, startDevice } from "../e2e/support/device.ts";
import { on, startHeldJob } from "../e2e/support/held-job.ts";
import { until } from "../e2e/support/until.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";

setDefaultTimeout(40_000);

const ORDERLY = { code: 0, signal: null };

let device: Device;
let folder: TempDir;
let serve: Netpulse;
let api: Api;
beforeEach(async () => {
  device = await startDevice();
  folder = tempDir("draining");
  serve = await start();
  api = new Api(serve);
});
afterEach(async () => {
  await serve?.stop();
  await device?.stop();
  folder.remove();
});

const start = () =>
  startNetpulse({
    dataDir: folder.path,
    env: {
      NETPULSE_WORKER__DRAIN_GRACE: "600",
      NETPULSE_WORKER__LEASE: "2",
      NETPULSE_WORKER__LEASE_MARGIN: "0.5",
      NETPULSE_WORKER__STOP_GRACE: "1",
    },
  });

const signal = () => process.kill(serve.pid, "SIGTERM");

/** A serve that was told to stop while a job runs and another waits. */
async function draining() {
  const held = await startHeldJob(api, device);
  const waiting = await api.exec(on(device, { command: "show inventory" }));
  const ended = api.ended(held.id);
  signal();
  await until("draining", async () => (await api.get("/readyz")).status === 503 || null);
  return { held, waiting, ended };
}

test("a serve that drains says so, answers, starts nothing, and ends when its last job has", async () => {
  const { waiting, ended } = await draining();
  expect((await api.get("/readyz")).message).toBe("draining");
  expect((await api.get("/livez")).status).toBe(200);
  await until("the idle workers are gone", async () => (await api.workers("")).length === 1 || null);
  expect(await api.workers("")).toMatchObject([{ queues: [device.queue], status: "busy" }]);
  expect((await api.job(waiting.id)).status).toBe("queued");
  device.release();
  expect((await ended).status).toBe("finished");
  expect(await serve.exited).toEqual(ORDERLY);
  expect(device.count("show inventory")).toBe(0);

  serve = await start();
  api = new Api(serve);
  expect(await api.ended(waiting.id)).toMatchObject({ status: "finished", attempts: 1 });
});

test("a second signal interrupts what runs: its job says so and keeps its output, and the exit is orderly", async () => {
  const { ended } = await draining();
  signal();
  expect(failure(await ended)).toEqual({ status: "failed", type: "stopped", error: "WorkerStopped" });
  expect(await serve.exited).toEqual(ORDERLY);
});

test("a third signal ends at once; the job that ran is found by the next start", async () => {
  const { held, ended } = await draining();
  const answered = ended.catch(() => null);
  signal();
  signal();
  expect(await serve.exited).toEqual(ORDERLY);
  await answered;
  serve = await start();
  expect((await new Api(serve).ended(held.id)).status).toBe("failed");
});
