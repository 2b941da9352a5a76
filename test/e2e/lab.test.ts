import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Type } from "@sinclair/typebox";
import { PYTHON } from "../contract/python.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { must } from "../support/process.ts";
import { Api, dataOf, failure, resultOf, wrongFields } from "./support/api.ts";
import { type Job, JobSchema, type Worker } from "./support/contract.ts";
import { type Device, startDevice } from "./support/device.ts";
import { until } from "./support/until.ts";

let netpulse: Netpulse;
let api: Api;
beforeAll(async () => {
  netpulse = await startNetpulse();
  api = new Api(netpulse);
});
afterAll(async () => {
  await netpulse?.stop();
});

function on(device: Device, request: Record<string, unknown>): Record<string, unknown> {
  return { driver: "netmiko", connection_args: device.args(), ...request };
}

/** A job that has printed `show clock` and to whose `show users` the device says nothing. */
async function startHeldJob(device: Device, request: Record<string, unknown> = {}): Promise<Job> {
  device.hold("show users");
  const { id } = await api.exec(on(device, { command: ["show clock", "show users"], ...request }));
  await device.received("show users", device.count("show users") + 1);
  return await api.job(id);
}

/** What a job that was ended in the middle of `show users` must look like. */
function expectInterrupted(job: Job, type: string, error: string) {
  expect(failure(job)).toEqual({ status: "failed", type, error });
  const { retval, outputs } = resultOf(job);
  expect(outputs[0]).toMatchObject({ command: "show clock", ok: true });
  expect(outputs[0]?.stdout).toMatch(/\d\d:\d\d:\d\d/);
  expect(outputs.slice(1).map(({ command, ok, stdout }) => ({ command, ok, stdout }))).toEqual([
    { command: "show users", ok: null, stdout: "" },
  ]);
  expect(retval).toMatchObject({ "show clock": `${outputs[0]?.stdout}` });
}

const ASK_DEVICE = join(import.meta.dir, "../contract/ask-device.py");

/** What the device says to an SSH client that is not ours. */
async function askedOtherwise({ handle }: Device, command: string): Promise<string> {
  const said = await must([PYTHON, "-I", "-B", ASK_DEVICE, String(handle.port), command], { env: {} });
  return said.replaceAll("\r", "").trim();
}

describe("a simulated switch", () => {
  let device: Device;
  beforeAll(async () => {
    device = await startDevice({ host: "127.0.0.1" });
  });
  afterAll(async () => {
    await device?.stop();
  });

  test("is enabled with the secret and shows its running config", async () => {
    const job = await api.run(on(device, { command: "show running-config" }));
    expect(job.status).toBe("finished");
    expect(resultOf(job).retval).toContain(`hostname ${device.handle.hostname()}`);
    expect(`${resultOf(job).retval}`.trimEnd()).toEndWith("end");
  });

  test("refuses the same to who is not enabled", async () => {
    await using other = await startDevice();
    const connection_args = other.args({ secret: undefined });
    const job = await api.run(on(other, { connection_args, command: "show running-config" }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "CommandError" });
    expect(resultOf(job).error?.message).toContain("% Invalid input detected");
  });

  test("does not let in with a wrong enable secret, and no command is sent then", async () => {
    await using other = await startDevice();
    const connection_args = other.args({ secret: "not-the-secret" });
    const job = await api.run(on(other, { connection_args, command: "show clock" }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "AuthenticationError" });
    expect(other.count("show clock")).toBe(0);
  });

  test("prints more than a screen, all of which arrives", async () => {
    const whole = await askedOtherwise(device, "show interfaces");
    expect(whole.split("\n").length).toBeGreaterThan(100);
    const { retval } = resultOf(await api.run(on(device, { command: "show interfaces" })));
    expect(withoutCounters(`${retval}`)).toEqual(withoutCounters(whole));
  });

  test("all of it arrives also page by page, where paging cannot be turned off", async () => {
    await using other = await startDevice({ host: "127.0.0.1" });
    other.handle.answer("terminal length 0", "% Invalid input detected at '^' marker.");
    const { retval } = resultOf(await api.run(on(other, { command: "show interfaces" })));
    expect(`${retval}`).not.toContain("--More--");
    expect(withoutCounters(`${retval}`)).toEqual(
      withoutCounters(await askedOtherwise(other, "show interfaces")),
    );
  });

  test("all of it arrives also byte by byte", async () => {
    const command = "show ip interface brief";
    const whole = resultOf(await api.run(on(device, { command }))).retval;
    device.handle.setChunkSize(1);
    const pieces = resultOf(await api.run(on(device, { command }))).retval;
    device.handle.setChunkSize(0);
    expect(pieces).toBe(whole);
    expect(pieces).toContain("GigabitEthernet");
  });

  test("shows a change of its config, and keeps it only when it is saved", async () => {
    const change = [
      "interface Loopback77",
      "description made by a test",
      "ip address 192.0.2.77 255.255.255.255",
    ];
    const job = await api.run(on(device, { config: change }));
    expect(job).toMatchObject({ status: "finished", command: change });
    const shown = resultOf(await api.run(on(device, { command: "show running-config" }))).retval;
    expect(shown).toContain("interface Loopback77\n description made by a test\n ip address 192.0.2.77");
    expect(device.handle.startupConfig()).not.toContain("Loopback77");

    await api.run(on(device, { config: "interface Loopback78", driver_args: { save: true } }));
    expect(device.handle.startupConfig()).toContain("interface Loopback77");
    expect(device.handle.startupConfig()).toContain("interface Loopback78");
  });

  test("refuses a line: the rest is not sent, nothing is saved, config mode is left", async () => {
    const config = ["interface Loopback99", "ip adress 192.0.2.99 255.255.255.255", "description never sent"];
    const job = await api.run(on(device, { config, driver_args: { save: true } }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "ConfigError" });
    expect(resultOf(job).error?.message).toMatch(/line 2\b/i);
    expect(resultOf(job).error?.message).toContain("% Invalid input detected at '^' marker.");
    expect(device.count("description never sent")).toBe(0);
    expect(device.handle.runningConfig()).toContain("interface Loopback99");
    expect(device.handle.startupConfig()).not.toContain("Loopback99");
    expect((await api.run(on(device, { command: "show clock" }))).status).toBe("finished");
  });

  test("breaks off in the middle of its output", async () => {
    await using other = await startDevice({ fault: "drop-mid-output" });
    const job = await api.run(on(other, { command: "show interfaces" }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "ConnectionError" });
    expect(resultOf(job).outputs.map((output) => output.ok)).toEqual([null]);
    expect(other.count("show interfaces")).toBe(1);
  });
});

/** Counters and times go on between two looks. */
function withoutCounters(text: string): string[] {
  return text
    .trim()
    .split("\n")
    .map((line) => line.trimEnd().replace(/\d+/g, "0"));
}

describe("cancelling", () => {
  test("a queued job never starts", async () => {
    await using device = await startDevice();
    await startHeldJob(device);
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
    const started = await startHeldJob(device);
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
    await startHeldJob(device);
    const { id } = await api.exec(on(device, { command: "show inventory" }));
    await api.cancel(`id=${id}`);
    expect((await api.delete(`/job?id=${id}`)).status).toBe(409);
  });

  test("by queue: every queued job of the queue is named, the started one is left alone", async () => {
    await using device = await startDevice();
    await using neighbour = await startDevice();
    const started = await startHeldJob(device);
    await startHeldJob(neighbour);
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
    await startHeldJob(device);
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
    await startHeldJob(device);
    await execMany(device, 1);
    const none = await api.cancel(`queue=FifoQ&host=${device.handle.host}`);
    expect(none).toEqual({ cancelled_count: 0, cancelled_jobs: [] });
    const id = await api.delete(`/job?id=job_00000000000000000000000000&host=${device.handle.host}`);
    expect(id.status).toBe(404);
    expect((await api.cancel(`host=${device.handle.host}`)).cancelled_count).toBe(1);
  });

  test("by force: a started job is aborted, with the output so far; the device takes the next one", async () => {
    await using device = await startDevice();
    const { id } = await startHeldJob(device);
    expect(await api.cancel(`id=${id}&force=true`)).toEqual({ cancelled_count: 1, cancelled_jobs: [id] });
    expectInterrupted(await api.ended(id), "stopped", "JobAborted");
    device.release();
    expect((await api.run(on(device, { command: "show clock" }))).status).toBe("finished");
    expect(device.count("show users")).toBe(1);
  });

  async function execMany(device: Device, count: number, more: Record<string, unknown> = {}) {
    const request = on(device, { command: "show inventory", ...more });
    const jobs = await Promise.all(Array.from({ length: count }, () => api.exec(request)));
    return jobs.map((job) => job.id);
  }
});

describe("a worker that is deleted", () => {
  test("interrupts its job, which keeps the output so far; data and details say so", async () => {
    await using device = await startDevice();
    const { id, worker } = await startHeldJob(device);
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
    const held = await startHeldJob(device);
    const waiting = await api.exec(on(device, { command: "show privilege" }));
    await api.stopWorkers(`queue=${encodeURIComponent(device.queue)}`);
    expect((await api.ended(held.id)).status).toBe("failed");
    expect((await api.ended(waiting.id)).status).toBe("finished");
  });

  test("FIFO: is replaced by one of another name", async () => {
    await using device = await startDevice();
    const before = (await api.workers("queue=FifoQ")).filter(isAlive);
    const held = await startHeldJob(device, { queue_strategy: "fifo" });
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
    const held = await startHeldJob(device);
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

function isAlive(worker: Worker): boolean {
  return worker.status !== "dead";
}

async function workerNamed(name: string): Promise<Worker | undefined> {
  return (await api.workers()).find((worker) => worker.name === name);
}

describe("a worker that is suspended", () => {
  test("finishes what it runs and takes nothing new until it is resumed", async () => {
    await using device = await startDevice();
    const held = await startHeldJob(device);
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

describe("time", () => {
  test("a long poll is held until the job ends", async () => {
    await using device = await startDevice();
    const { id } = await startHeldJob(device);
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
    const { id } = await startHeldJob(device);
    const start = performance.now();
    expect((await api.job(id, "&wait=1")).status).toBe("started");
    expect(performance.now() - start).toBeWithin(990, 2500);
  });

  test("execution_timeout ends a run, with the output so far", async () => {
    await using device = await startDevice();
    const { id } = await startHeldJob(device, { execution_timeout: 1.5 });
    const job = await api.ended(id);
    expectInterrupted(job, "timeout", "TimeoutError");
    expect(job.duration).toBeWithin(1.5, 6);
    device.release();
    expect((await api.run(on(device, { command: "show clock" }))).status).toBe("finished");
  });

  test("read_timeout ends the wait for a prompt and says what was waited for", async () => {
    await using device = await startDevice();
    const { id } = await startHeldJob(device, { driver_args: { read_timeout: 1 } });
    const job = await api.ended(id);
    expect(resultOf(job).error).toMatchObject({ type: "TimeoutError" });
    expect(resultOf(job).error?.message).toMatch(/prompt/i);
    expect(resultOf(job).outputs[0]).toMatchObject({ command: "show clock", ok: true });
  });

  test("ttl ends the wait in the queue; nothing is sent", async () => {
    await using device = await startDevice();
    await startHeldJob(device);
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
    const { id } = await startHeldJob(device, { ttl: 1 });
    expect((await api.job(id, "&wait=2")).status).toBe("started");
    device.release();
    expect((await api.ended(id)).status).toBe("finished");
  });
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

  test("the default of a network CLI is pinned; FIFO closes its session after the job", async () => {
    await using device = await startDevice();
    const pinned = await api.run(on(device, { command: "show clock" }));
    expect(pinned.queue).toBe(device.queue);
    await device.open(1);
    const fifo = await api.run(on(device, { command: "show clock", queue_strategy: "fifo" }));
    expect(fifo).toMatchObject({ status: "finished", queue: "FifoQ", host: device.handle.host });
    await device.open(1);
    expect(device.handle.counts().logins).toBe(2);
    expect(await workerNamed(`${fifo.worker}`)).toMatchObject({ queues: ["FifoQ"], host: null });
  });

  test("options may stand in an object of their own", async () => {
    await using device = await startDevice();
    const job = await api.run(on(device, { command: "show clock", options: { queue_strategy: "fifo" } }));
    expect(job).toMatchObject({ status: "finished", queue: "FifoQ" });
  });

  test("jobs of two devices run at the same time", async () => {
    await using one = await startDevice();
    await using two = await startDevice();
    const [first, second] = await Promise.all([startHeldJob(one), startHeldJob(two)]);
    expect([first.status, second.status]).toEqual(["started", "started"]);
    expect(first.worker).not.toBe(second.worker);
  });

  test("no more than two sessions are open to a device, whatever waits for it", async () => {
    await using device = await startDevice();
    const held = await startHeldJob(device, { queue_strategy: "fifo" });
    await startHeldJob(device, { queue_strategy: "fifo" });
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

describe("lists", () => {
  let device: Device;
  let other: Device;
  let done: Job[];
  let cancelled: string[];
  beforeAll(async () => {
    [device, other] = await Promise.all([startDevice(), startDevice()]);
    const finished = await api.run(on(device, { command: "show clock" }));
    const failed = await api.run(on(device, { command: "show nothing" }));
    const fifo = await api.run(on(device, { command: "show clock", queue_strategy: "fifo" }));
    done = [finished, failed, fifo];
    await startHeldJob(other);
    const waiting = [];
    for (let n = 0; n < 7; n += 1) waiting.push((await api.exec(on(other, { command: "show clock" }))).id);
    cancelled = waiting;
    await api.cancel(`host=${other.handle.host}`);
  });
  afterAll(async () => {
    await Promise.all([device?.stop(), other?.stop()]);
  });

  const ids = (jobs: Job[]) => jobs.map((job) => job.id);

  test("filters narrow together", async () => {
    const { host } = device.handle;
    const [finished, failed, fifo] = ids(done);
    expect(ids(await api.jobs(`host=${host}`))).toEqual([fifo, failed, finished].map(String));
    expect(ids(await api.jobs(`host=${host}&status=finished`))).toEqual([fifo, finished].map(String));
    expect(ids(await api.jobs(`host=${host}&status=finished&queue=FifoQ`))).toEqual([String(fifo)]);
    expect(ids(await api.jobs(`host=${host}&queue=FifoQ&status=failed`))).toEqual([]);
    expect(ids(await api.jobs(`host=${host}&node=${done[0]?.node}&driver=netmiko&order=asc`))).toEqual(
      ids(done),
    );
    expect(ids(await api.jobs(`host=${host}&node=another`))).toEqual([]);
    expect(ids(await api.jobs(`host=${host}&driver=paramiko`))).toEqual([]);
    expect(ids(await api.jobs(`worker=${fifoWorker()}&host=${host}`))).toEqual([String(fifo)]);
    const since = encodeURIComponent(done[1]?.created_at ?? "");
    expect(ids(await api.jobs(`host=${host}&since=${since}`))).toEqual([fifo, failed].map(String));
    expect(ids(await api.jobs(`host=${host}&until=${since}`))).toEqual([String(finished)]);
  });

  const fifoWorker = () => encodeURIComponent(`${done[2]?.worker}`);

  test("id alone decides", async () => {
    const [finished] = ids(done);
    expect(ids(await api.jobs(`id=${finished}&status=failed&host=10.9.9.9`))).toEqual([String(finished)]);
    expect((await api.get("/job?id=job_00000000000000000000000000&status=finished")).status).toBe(404);
  });

  test("result=false leaves the output out", async () => {
    const list = await api.get(`/job?host=${device.handle.host}&result=false`);
    expect(list.status).toBe(200);
    expect(list.text).not.toContain("outputs");
    expect((list.data as unknown[]).length).toBe(3);
  });

  test("pages follow each other without a gap or a repeat, while jobs are added", async () => {
    const query = `host=${other.handle.host}&status=cancelled&limit=3`;
    const seen: string[] = [];
    const sizes: number[] = [];
    let next: string | null = `/job?${query}`;
    while (next !== null) {
      const page = await api.get(next);
      const jobs = dataOf(page, 200, Type.Array(JobSchema));
      expect(page.pagination?.limit).toBe(3);
      sizes.push(jobs.length);
      seen.push(...ids(jobs));
      const cursor: string | null = page.pagination?.next_cursor ?? null;
      const link = page.headers.get("link");
      next = link === null ? null : followed(link);
      expect(next === null).toBe(cursor === null);
      if (cursor !== null) {
        const byCursor = await api.get(`/job?${query}&cursor=${encodeURIComponent(cursor)}`);
        expect(byCursor.data).toEqual((await api.get(String(next))).data);
      }
      const { id } = await api.exec(on(other, { command: "show clock" }));
      await api.cancel(`id=${id}`);
    }
    expect(sizes).toEqual([3, 3, 1]);
    expect(seen).toEqual([...cancelled].reverse());
  });

  test("a cursor holds for its own filter only", async () => {
    const page = await api.get(`/job?host=${other.handle.host}&limit=2`);
    const cursor = encodeURIComponent(`${page.pagination?.next_cursor}`);
    const answer = await api.get(`/job?host=${device.handle.host}&limit=2&cursor=${cursor}`);
    expect(Object.keys(wrongFields(answer, "query"))).toEqual(["cursor"]);
  });

  test("oldest first on request", async () => {
    const jobs = await api.jobs("order=asc");
    const newest = await api.jobs("order=desc");
    expect(ids(jobs)).toEqual(ids(newest).reverse());
    expect(jobs.map((job) => job.created_at)).toEqual(jobs.map((job) => job.created_at).sort());
  });

  test("workers: the queue wins, node and host narrow, status too", async () => {
    const names = (workers: Worker[]) => workers.map((worker) => worker.name).sort();
    const all = await api.workers();
    const pinned = all.filter((worker) => worker.host === device.handle.host);
    expect(pinned).toHaveLength(1);
    expect(names(await api.workers(`host=${device.handle.host}`))).toEqual(names(pinned));
    expect(names(await api.workers(`host=${device.handle.host}&node=another`))).toEqual([]);
    expect(names(await api.workers("queue=FifoQ&host=10.9.9.9"))).toEqual(
      names(all.filter((worker) => worker.queues.includes("FifoQ"))),
    );
    expect(names(await api.workers("status=dead"))).toEqual(names(all.filter((worker) => !isAlive(worker))));
  });

  test("workers are paged as well", async () => {
    const all = await api.workers();
    const seen: string[] = [];
    let next: string | null = "/worker?limit=4";
    while (next !== null) {
      const page = await api.get(next);
      seen.push(...(page.data as Worker[]).map((worker) => worker.name));
      const link = page.headers.get("link");
      next = link === null ? null : followed(link);
    }
    expect(seen).toEqual(all.map((worker) => worker.name));
  });
});

/** Where a `Link: <…>; rel="next"` leads, from the top of the server. */
function followed(link: string): string {
  const [, target = ""] = link.match(/^<([^>]+)>;\s*rel="?next"?$/) ?? [];
  const url = new URL(target, netpulse.url);
  return `${url.pathname}${url.search}`;
}

test("the pid of a worker is that of a child of the product", async () => {
  const workers = await api.workers();
  const pids = [...new Set(workers.filter(isAlive).map((worker) => worker.pid))];
  const parents = (await must(["ps", "-o", "ppid=", "-p", pids.join(",")])).trim().split(/\s+/);
  expect(new Set(parents.map(Number))).toEqual(new Set([netpulse.pid]));
});
