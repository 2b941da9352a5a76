import { afterEach, describe, expect, test } from "bun:test";
import { StorageError } from "../../src/core/errors.ts";
import { idSource } from "../../src/core/ids.ts";
import type { Job } from "../../src/core/job.ts";
import { DeviceError } from "../../src/device/driver.ts";
import { createEngine } from "../../src/engine/create.ts";
import type { ExecRequest, JobView } from "../../src/engine/engine.ts";
import { sealer } from "../../src/engine/seal.ts";
import { openStorage } from "../../src/storage/open.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { Node, type NodeOptions } from "../../src/worker/node.ts";
import { SessionHosts } from "../../src/worker/session-hosts.ts";
import { FakeClock } from "../support/clock.ts";
import { inProcessHosts } from "../support/in-process-host.ts";
import { echoScript, type Script, scriptedDriver } from "../support/scripted-driver.ts";
import { tempDir } from "../support/tempdir.ts";

const LEASE = { leaseMs: 10_000, marginMs: 1_000 };
const seal = sealer(new Uint8Array(32).fill(1));
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** One store and one clock; nodes and jobs are added by the tests. */
async function world(script: Script = echoScript) {
  const clock = new FakeClock();
  const dir = tempDir("node");
  const storage = await openStorage({ url: `sqlite:${dir.file("test.db")}`, clock, synchronous: "normal" });
  await storage.migrate();
  const ids = idSource(clock);
  const { driver, log } = scriptedDriver(script);
  const engine = createEngine({
    storage,
    sealer: seal,
    clock,
    ids,
    stopWaitMs: 5_000,
    drivers: { find: () => driver, names: () => ["scripted"] },
    limits: { ttl: 300, executionTimeout: 60, resultTtl: 3600, maxCommands: 100 },
  });
  await engine.start();
  const errors: unknown[] = [];
  stops.push(async () => {
    await engine.stop();
    await storage.close();
    dir.remove();
    expect(errors).toEqual([]);
  });

  async function addNode(name: string, change: Partial<NodeOptions> & { storage?: Storage } = {}) {
    const hosts = inProcessHosts({ clock, driver });
    const store = change.storage ?? storage;
    const reaped: string[] = [];
    const executor = new SessionHosts({
      spawn: hosts.spawn,
      clock,
      build: "test",
      sessionsPerHost: 100,
      perDevice: 2,
      maxOutput: 1e6,
      hostKeyPolicy: "off",
      judgeHostKey: async () => null,
      onHostExit: () => {},
      onError: (error) => errors.push(error),
    });
    const node = new Node({
      storage: store,
      executor,
      sealer: seal,
      clock,
      ids,
      options: {
        name,
        hostname: "test",
        pid: 1,
        fifoWorkers: 2,
        pinnedCapacity: 3,
        lease: LEASE,
        idleTimeoutMs: 600_000,
        deadRetentionMs: 3_600_000,
        stopGraceMs: 3_000,
        retryDelayMs: () => 1_000,
        ...change,
      },
      events: {
        reaped: (jobs) => reaped.push(...jobs),
        lostNodes: () => {},
        declaredLost: () => {},
        error: (where, error) => {
          if (!(error instanceof StorageError)) errors.push([where, error]);
        },
      },
    });
    await node.start();
    await clock.settle();
    stops.push(() => stopped(node.stop(0)));
    return { node, hosts, reaped };
  }

  /** Stopping waits for timers; let time pass until it is done. */
  async function stopped(stopping: Promise<void>): Promise<void> {
    let done = false;
    const marked = stopping.finally(() => {
      done = true;
    });
    while (!done) await clock.advance(100);
    await marked;
  }

  async function submit(change: Partial<ExecRequest> & { host?: string } = {}): Promise<Job> {
    const { host = "10.0.0.1", ...rest } = change;
    const { job } = await engine.submit(
      {
        driver: "scripted",
        connectionArgs: { host, username: "u", password: "p" },
        driverArgs: {},
        operation: { kind: "command", text: "show version" },
        ...rest,
      },
      { key: "test" },
    );
    await clock.settle();
    return job;
  }

  const view = (job: Job): Promise<JobView> =>
    engine.job({ id: job.id, waitMs: 0, outputs: true, signal: new AbortController().signal });

  /** Lets time pass in small steps until the job is in this status. */
  async function until(job: Job, status: Job["status"], mostMs = 60_000): Promise<JobView> {
    for (let passed = 0; passed <= mostMs; passed += 100) {
      const now = await view(job);
      if (now.job.status === status) return now;
      await clock.advance(100);
    }
    throw new Error(`the job is ${(await view(job)).job.status}, not ${status}, after ${mostMs} ms`);
  }

  return { clock, storage, engine, log, addNode, submit, view, until, stopped };
}

const stuck: Script = async function* ({ signal }) {
  yield { kind: "start", index: 0 };
  yield { kind: "data", index: 0, stream: "stdout", text: "so far\n" };
  signal.throwIfAborted();
  await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
};

/** Neither ends nor obeys. */
const deaf: Script = async function* () {
  yield { kind: "start", index: 0 };
  yield { kind: "data", index: 0, stream: "stdout", text: "so far\n" };
  await new Promise(() => {});
};

describe("a job", () => {
  test("on a pinned queue finishes on a worker that keeps its session", async () => {
    const it = await world();
    await it.addNode("a");
    const first = await it.until(await it.submit(), "finished");
    const second = await it.until(await it.submit(), "finished");
    expect(first.outputs).toMatchObject([{ command: "show version", stdout: "show version\n", ok: true }]);
    expect(first.job).toMatchObject({
      queue: "pinned_10.0.0.1",
      node: "a",
      attempts: 1,
      result: { type: "success" },
    });
    expect(second.job.worker).toBe(first.job.worker);
    expect(it.log).toEqual(["connect 1", "run 1", "run 1"]);
  });

  test("on the FIFO queue finishes on any worker and leaves no session", async () => {
    const it = await world();
    await it.addNode("a");
    const done = await it.until(await it.submit({ queueStrategy: "fifo" }), "finished");
    expect(done.job.queue).toBe("FifoQ");
    await it.clock.settle();
    expect(it.log).toEqual(["connect 1", "run 1", "close 1"]);
  });

  test("is found by the sweep when every hint is lost", async () => {
    const it = await world();
    await it.addNode("a", { storage: { ...bind(it.storage), subscribe: () => () => {} } });
    const job = await it.submit();
    expect((await it.view(job)).job.status).toBe("queued");
    await it.until(job, "finished", 3_000);
  });

  test("that nobody takes expires after its ttl", async () => {
    const it = await world();
    await it.addNode("a", { pinnedCapacity: 0 });
    const { job } = await it.until(await it.submit({ ttl: 5 }), "failed", 10_000);
    expect(job.result).toMatchObject({ type: "failed", error: { type: "JobExpired" } });
  });

  test("of one device waits for the one before it", async () => {
    const it = await world(stuck);
    await it.addNode("a");
    const [one, two] = [await it.submit(), await it.submit()];
    await it.until(one, "started");
    await it.clock.advance(5_000);
    expect((await it.view(two)).job.status).toBe("queued");
    await it.engine.cancelJob({ id: one.id, abort: true });
    await it.until(two, "started", 5_000);
  });

  test("with retries is run again after a passing failure, and its result is the last run's", async () => {
    let calls = 0;
    const it = await world(async function* (request, context) {
      calls += 1;
      if (calls === 1) throw new DeviceError("ConnectionError", "away");
      yield* echoScript(request, context);
    });
    await it.addNode("a");
    const { job } = await it.until(await it.submit({ retries: 1 }), "finished");
    expect(job.attempts).toBe(2);
  });

  test("without retries is never run again", async () => {
    const it = await world(async function* () {
      yield { kind: "start", index: 0 };
      throw new DeviceError("ConnectionError", "away");
    });
    await it.addNode("a");
    const { job } = await it.until(await it.submit(), "failed");
    expect(job).toMatchObject({ attempts: 1, result: { error: { type: "ConnectionError" } } });
    await it.clock.advance(30_000);
    expect(it.log.filter((line) => line.startsWith("run"))).toHaveLength(1);
  });

  test("sealed with a key that is not ours any more fails and says so", async () => {
    const it = await world();
    const job = await it.submit();
    const other = Buffer.from(sealer(new Uint8Array(32).fill(9)).seal(job.id, new Uint8Array(4)));
    await it.addNode("a", {
      storage: {
        ...bind(it.storage),
        claim: async (params) =>
          (await it.storage.claim(params)).map((claim) => ({ ...claim, sealed: other })),
      },
    });
    const failed = await it.until(job, "failed", 5_000);
    expect(failed.job.result?.error).toMatchObject({ type: "InternalError" });
    expect(failed.job.result?.error?.message).toContain("NETPULSE_SECRET_KEY");
  });
});

describe("stopping", () => {
  test("an abort ends a started job with the output so far, and the next job starts clean", async () => {
    let calls = 0;
    const it = await world((request, context) => (++calls === 1 ? stuck : echoScript)(request, context));
    await it.addNode("a");
    const job = await it.submit();
    await it.until(job, "started");
    await it.engine.cancelJob({ id: job.id, abort: true });
    const ended = await it.until(job, "failed", 2_000);
    expect(ended.job.result).toMatchObject({ type: "stopped", error: { type: "JobAborted" } });
    expect(ended.outputs).toMatchObject([{ stdout: "so far\n", ok: null }]);
    await it.until(await it.submit(), "finished");
  });

  test("a stopped worker's job fails with the output so far; the worker is listed dead and the queue served again", async () => {
    let calls = 0;
    const it = await world((request, context) => (++calls === 1 ? stuck : echoScript)(request, context));
    await it.addNode("a");
    const job = await it.submit();
    const { job: started } = await it.until(job, "started");
    const name = started.worker ?? "";
    const stopping = it.engine.stopWorkers({ name });
    const ended = await it.until(job, "failed", 5_000);
    expect(ended.job.result).toMatchObject({ type: "stopped", error: { type: "WorkerStopped" } });
    expect(ended.outputs).toMatchObject([{ stdout: "so far\n" }]);
    await it.clock.advance(1_000);
    expect(await stopping).toEqual([{ worker: name, status: "stopped", interruptedJobs: [job.id] }]);
    const { workers } = await it.engine.workers({ filter: { name }, limit: 1 });
    expect(workers).toMatchObject([{ status: "dead", failedJobCount: 1 }]);
    const again = await it.until(await it.submit(), "finished");
    expect(again.job.worker).not.toBe(name);
  });

  test("a stopped FIFO worker is replaced under a new name", async () => {
    const it = await world();
    await it.addNode("a");
    const names = async () => {
      const { workers } = await it.engine.workers({ filter: { queue: "FifoQ" }, limit: 10 });
      return workers.filter((worker) => worker.status !== "dead").map((worker) => worker.name);
    };
    const before = await names();
    const stopping = it.engine.stopWorkers({ name: before[0] ?? "" });
    await it.clock.advance(1_000);
    await stopping;
    const after = await names();
    expect(after).toHaveLength(2);
    expect(after).not.toContain(before[0] ?? "");
  });

  test("a session that neither ends nor obeys is left: its job ends all the same", async () => {
    const it = await world(deaf);
    await it.addNode("a");
    const job = await it.submit();
    await it.until(job, "started");
    await it.engine.cancelJob({ id: job.id, abort: true });
    const ended = await it.until(job, "failed", 6_000);
    expect(ended.job.result?.error?.type).toBe("JobAborted");
  });

  test("a session that ignores its deadline is left: its job ends as a timeout", async () => {
    const it = await world(deaf);
    await it.addNode("a");
    const ended = await it.until(await it.submit({ executionTimeout: 2 }), "failed", 10_000);
    expect(ended.job.result).toMatchObject({ type: "timeout", error: { type: "TimeoutError" } });
  });

  test("a node that is told to stop interrupts what does not end within the grace and leaves nothing behind", async () => {
    const it = await world(stuck);
    const { node } = await it.addNode("a");
    const job = await it.submit();
    await it.until(job, "started");
    await it.stopped(node.stop(1_000));
    expect((await it.view(job)).job.result?.error?.type).toBe("WorkerStopped");
    expect(await it.storage.nodes()).toEqual([]);
  });

  test("a suspended worker is given nothing until it is resumed", async () => {
    const it = await world();
    await it.addNode("a");
    await it.until(await it.submit(), "finished");
    await it.engine.suspendWorkers({ queue: "pinned_10.0.0.1" }, true);
    const job = await it.submit();
    await it.clock.advance(5_000);
    expect((await it.view(job)).job.status).toBe("queued");
    await it.engine.suspendWorkers({ queue: "pinned_10.0.0.1" }, false);
    await it.until(job, "finished", 500);
  });
});

describe("losses", () => {
  test("a killed session host fails its job as WorkerLost; its workers go on in another host", async () => {
    let calls = 0;
    const it = await world((request, context) => (++calls === 1 ? stuck : echoScript)(request, context));
    const { hosts } = await it.addNode("a");
    const job = await it.submit();
    const { job: started } = await it.until(job, "started");
    hosts.killNewest();
    const ended = await it.until(job, "failed", 1_000);
    expect(ended.job.result).toMatchObject({ type: "stopped", error: { type: "WorkerLost" } });
    const next = await it.until(await it.submit(), "finished");
    expect(next.job.worker).toBe(started.worker);
    expect(hosts.started()).toBe(2);
    await it.clock.advance(1_000);
    const { workers } = await it.engine.workers({ filter: { name: started.worker ?? "" }, limit: 1 });
    expect(workers).toMatchObject([{ session: "connected", sessionsOpened: 2 }]);
  });

  test("a frozen session host is killed and replaced", async () => {
    const it = await world(stuck);
    const { hosts } = await it.addNode("a");
    const job = await it.submit();
    await it.until(job, "started");
    hosts.freezeNewest();
    const ended = await it.until(job, "failed", 15_000);
    expect(ended.job.result?.error?.type).toBe("WorkerLost");
    expect(hosts.started()).toBe(2);
  });

  test("a node cut off from the store loses its job after its lease; its session was cut before, its late settlement is refused", async () => {
    const it = await world(stuck);
    const cut = { off: false };
    await it.addNode("a", { storage: cuttable(it.storage, cut) });
    const job = await it.submit();
    await it.until(job, "started");
    const b = await it.addNode("b", { fifoWorkers: 0 });
    const destroyed = () => it.log.includes("destroy 1");
    cut.off = true;
    const began = it.clock.monotonic();
    while (!destroyed()) await it.clock.advance(100);
    const cutAfter = it.clock.monotonic() - began;
    const ended = await it.until(job, "failed", 15_000);
    const lostAfter = it.clock.monotonic() - began;
    expect(ended.job.result?.error?.type).toBe("WorkerLost");
    expect(b.reaped).toEqual([job.id]);
    expect(cutAfter).toBeLessThanOrEqual(LEASE.leaseMs - LEASE.marginMs);
    expect(lostAfter).toBeGreaterThan(cutAfter);
    expect(lostAfter).toBeLessThan(15_000);
    cut.off = false;
    await it.clock.advance(5_000);
    expect((await it.view(job)).job).toEqual(ended.job);
  });

  test("an outage of the store longer than a lease kills nothing healthy that ends within its permission to write", async () => {
    const it = await world();
    const cut = { off: false };
    const one = cuttable(it.storage, cut);
    await it.addNode("a", { storage: one });
    await it.addNode("b", { storage: one, fifoWorkers: 0 });
    await it.until(await it.submit(), "finished");
    cut.off = true;
    await it.clock.advance(60_000);
    cut.off = false;
    await it.clock.advance(20_000);
    const nodes = await it.storage.nodes();
    expect(nodes.map(({ name, lost }) => ({ name, lost }))).toEqual([
      { name: "a", lost: false },
      { name: "b", lost: false },
    ]);
    await it.until(await it.submit(), "finished");
  });

  test("a step of the wall clock kills nothing", async () => {
    const it = await world(stuck);
    await it.addNode("a");
    const job = await it.submit();
    await it.until(job, "started");
    for (const step of [3_600_000, -7_200_000]) {
      it.clock.stepWall(step);
      await it.clock.advance(20_000);
    }
    expect((await it.view(job)).job.status).toBe("started");
  });
});

test("at capacity the pinned worker that was idle longest gives way", async () => {
  const it = await world();
  await it.addNode("a", { pinnedCapacity: 2 });
  for (const host of ["10.0.0.1", "10.0.0.2", "10.0.0.3"]) {
    await it.until(await it.submit({ host }), "finished");
    await it.clock.advance(1_000);
  }
  const { workers } = await it.engine.workers({ filter: {}, limit: 100 });
  expect(workers.flatMap((worker) => worker.host ?? []).toSorted()).toEqual(["10.0.0.2", "10.0.0.3"]);
});

test("a pinned worker that had nothing to do for idle_timeout closes its session and goes", async () => {
  const it = await world();
  await it.addNode("a", { idleTimeoutMs: 60_000 });
  await it.until(await it.submit(), "finished");
  await it.clock.advance(62_000);
  const { workers } = await it.engine.workers({ filter: { host: "10.0.0.1" }, limit: 10 });
  expect(workers).toEqual([]);
  expect(it.log.at(-1)).toBe("close 1");
});

/** A store as plain functions, so that single ones can be replaced. */
function bind(storage: Storage): Storage {
  const bound: Record<string, unknown> = { info: storage.info };
  for (const name of METHODS) bound[name] = (storage[name] as (...args: never[]) => unknown).bind(storage);
  return bound as unknown as Storage;
}

/** The same store over a line that can be cut. */
function cuttable(storage: Storage, cut: { off: boolean }): Storage {
  const plain = bind(storage) as unknown as Record<string, unknown>;
  for (const name of METHODS) {
    if (name === "subscribe" || name === "close") continue;
    const call = plain[name] as (...args: unknown[]) => Promise<unknown>;
    plain[name] = async (...args: unknown[]) => {
      if (cut.off) throw new StorageError("unavailable", "cut off");
      return call(...args);
    };
  }
  return plain as unknown as Storage;
}

const METHODS = [
  "migrate",
  "ping",
  "close",
  "enqueue",
  "claim",
  "heartbeat",
  "appendOutput",
  "readOutput",
  "settle",
  "cancel",
  "cancelQueued",
  "leases",
  "reap",
  "expire",
  "get",
  "outputs",
  "list",
  "counts",
  "queues",
  "prune",
  "registerNode",
  "nodes",
  "loseNode",
  "removeNode",
  "addWorker",
  "endWorker",
  "listWorkers",
  "stopWorkers",
  "suspendWorkers",
  "pruneWorkers",
  "subscribe",
] as const satisfies (keyof Storage)[];
