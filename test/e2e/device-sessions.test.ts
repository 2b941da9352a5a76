import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { freePort } from "../support/ports.ts";
import { Api, failure, resultOf } from "./support/api.ts";
import type { Worker } from "./support/contract.ts";
import { type Device, startDevice } from "./support/device.ts";
import { on, startHeldJob } from "./support/held-job.ts";
import { until } from "./support/until.ts";

setDefaultTimeout(30_000);

let device: Device;
let netpulse: Netpulse | null = null;
let api: Api;
beforeEach(async () => {
  device = await startDevice();
});
afterEach(async () => {
  await netpulse?.stop();
  await device?.stop();
});

async function start(env: Record<string, string>): Promise<void> {
  netpulse = await startNetpulse({ env });
  api = new Api(netpulse);
}

const clock = (more: Record<string, unknown> = {}) => on(device, { command: "show clock", ...more });

/** The device's pinned worker once it is as `fits` says. */
function worker(what: string, fits: (worker: Worker) => boolean): Promise<Worker> {
  return until(what, async () => {
    const [found] = await api.workers(`queue=${encodeURIComponent(device.queue)}`);
    return found !== undefined && fits(found) ? found : null;
  });
}

const noWorkers = () =>
  until("no pinned worker is listed", async () =>
    (await api.workers(`host=${device.handle.host}`)).length === 0 ? true : null,
  );

describe("an idle session", () => {
  test("that the device drops is listed as none; the next job connects anew on the same worker", async () => {
    await start({});
    const first = await api.run(clock());
    await worker("a session", ({ session }) => session === "connected");
    device.handle.dropConnections();
    await worker("no session", ({ session }) => session === "none");
    const second = await api.run(clock());
    expect([second.status, second.worker]).toEqual(["finished", first.worker]);
    expect(device.handle.counts().logins).toBe(2);
  });

  test("is probed; when the device says nothing any more it is closed, though the connection stands", async () => {
    await start({ NETPULSE_SESSION__PROBE_INTERVAL: "1" });
    await api.run(clock());
    await device.received("", 2);
    device.hold("");
    await worker("no session", ({ session }) => session === "none");
    await device.open(0);
    device.release();
    expect((await api.run(clock())).status).toBe("finished");
  });

  test("is not probed while a job runs", async () => {
    await start({ NETPULSE_SESSION__PROBE_INTERVAL: "1" });
    device.delay("show privilege", 3_000);
    const job = await api.run(on(device, { command: ["show clock", "show privilege"] }));
    expect(job.status).toBe("finished");
    const lines = device.lines();
    expect(lines.slice(lines.indexOf("show clock"), lines.indexOf("show privilege") + 1)).toEqual([
      "show clock",
      "show privilege",
    ]);
  });
});

describe("an idle pinned worker", () => {
  test("goes after worker.idle_timeout, and comes back with the next job", async () => {
    await start({ NETPULSE_WORKER__IDLE_TIMEOUT: "1" });
    const first = await api.run(clock());
    await noWorkers();
    await device.open(0);
    const second = await api.run(clock());
    expect(second.status).toBe("finished");
    expect(second.worker).not.toBe(first.worker);
  });

  test("goes when the node needs its place, and comes back with the next job", async () => {
    await start({ NETPULSE_WORKER__PINNED: "1" });
    await using other = await startDevice();
    await api.run(clock());
    expect((await api.run(on(other, { command: "show clock" }))).status).toBe("finished");
    await noWorkers();
    await device.open(0);
    expect((await api.run(clock())).status).toBe("finished");
    expect(await api.workers("status=dead")).toEqual([]);
  });
});

describe("session.per_device", () => {
  test("holds for the whole node, whichever session hosts its workers are in", async () => {
    await start({ NETPULSE_WORKER__SESSIONS_PER_HOST: "1", NETPULSE_SESSION__PER_DEVICE: "1" });
    const held = await startHeldJob(api, device);
    const waiting = await api.exec(clock({ queue_strategy: "fifo" }));
    expect((await api.job(waiting.id, "&wait=1")).status).toBe("started");
    expect(device.handle.counts().connections).toBe(1);
    device.release();
    expect((await api.ended(held.id)).status).toBe("finished");
    expect((await api.ended(waiting.id)).status).toBe("finished");
    const pids = (await api.workers()).map(({ pid }) => pid);
    expect(new Set(pids).size).toBe(pids.length);
  });
});

describe("a device that cannot be reached", () => {
  test("is left alone for a while, says why, and is used again when it is back", async () => {
    await start({ NETPULSE_BREAKER__FAILURES: "3", NETPULSE_BREAKER__OPEN_FOR: "3" });
    const { host, username, password, secret, device_type } = device.args() as Record<string, string>;
    const port = await freePort();
    const connection_args = { host, port, username, password, secret, device_type };
    const request = (more = {}) => ({ driver: "netmiko", connection_args, command: "show clock", ...more });
    for (let n = 0; n < 3; n++) {
      const job = await api.run(request({ queue_strategy: n === 1 ? "fifo" : "pinned" }));
      expect(failure(job).error).toBe("ConnectionError");
    }
    const refused = await api.run(request());
    expect(failure(refused)).toEqual({ status: "failed", type: "failed", error: "CircuitOpen" });
    expect(resultOf(refused).error).toMatchObject({ retryable: true });
    expect(resultOf(refused).error?.message).toMatch(
      /failed 3 times in a row .* at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z, in \d s\. .* refused the connection/,
    );
    await using back = await startDevice({ host: `${host}`, port });
    const job = await until("a job is let through", async () => {
      const tried = await api.run(request());
      return failureOf(tried) === "CircuitOpen" ? null : tried;
    });
    expect(job.status).toBe("finished");
    expect(back.handle.counts().connections).toBe(1);
  });
});

/** The type of a job's error, if it has one. */
function failureOf(job: Awaited<ReturnType<Api["job"]>>): string | null {
  return resultOf(job).error?.type ?? null;
}

test("credentials that a device has refused several times are not sent to it by a queue full of jobs", async () => {
  await start({ NETPULSE_BREAKER__LOGIN_FAILURES: "2" });
  const wrong = clock({ connection_args: device.args({ password: "mistyped" }) });
  const jobs = await Promise.all(Array.from({ length: 10 }, () => api.exec(wrong)));
  for (const { id } of jobs) {
    const job = await api.ended(id);
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "AuthenticationError" });
    expect(job.attempts).toBe(1);
  }
  expect(device.handle.counts().refusedLogins).toBe(2);
  expect((await api.run(clock())).status).toBe("finished");
});

test("a login that is refused is not tried again, however many retries the job has", async () => {
  await start({});
  const job = await api.run(clock({ connection_args: device.args({ password: "mistyped" }), retries: 3 }));
  expect(failure(job).error).toBe("AuthenticationError");
  expect(job.attempts).toBe(1);
  expect(device.handle.counts().refusedLogins).toBe(1);
});
