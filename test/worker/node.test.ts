import { afterEach, describe, expect, test } from "bun:test";
import { DeviceError } from "../../src/device/driver.ts";
import { sealer } from "../../src/engine/seal.ts";
import { echoScript } from "../support/scripted-driver.ts";
import { bind, deaf, endWorlds, stuck, world } from "../support/world.ts";

afterEach(endWorlds);

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

  test("that leaves nothing behind it makes its worker ask the store once more, and then no more", async () => {
    let hangUp = () => {};
    const it = await world((request, context) => {
      hangUp = () => context.onClosed("the device went away");
      return echoScript(request, context);
    });
    let claims = 0;
    const storage = bind(it.storage);
    await it.addNode("a", {
      fifoWorkers: 0,
      storage: {
        ...storage,
        claim: (params) => {
          claims += 1;
          return storage.claim(params);
        },
      },
    });
    await it.until(await it.submit(), "finished");
    claims = 0;
    await it.until(await it.submit(), "finished");
    hangUp();
    await it.clock.advance(5_000);
    expect(claims).toBe(2);
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

  /** When the two runs of a job began that is away at first and is run again after `delayMs`. */
  async function retriedAfter(delayMs: number, { hints }: { hints: boolean }): Promise<number> {
    const began: number[] = [];
    let now = () => 0;
    const it = await world(async function* (request, context) {
      began.push(now());
      if (began.length === 1) throw new DeviceError("ConnectionError", "away");
      yield* echoScript(request, context);
    });
    now = () => it.clock.monotonic();
    const silent = { ...bind(it.storage), subscribe: () => () => {} };
    await it.addNode("a", { retryDelayMs: () => delayMs, ...(hints ? {} : { storage: silent }) });
    await it.until(await it.submit({ retries: 1 }), "finished");
    const [first = 0, second = 0] = began;
    return second - first;
  }

  // None of these falls on the sweep, which comes once a second.
  test.each([1, 250, 777, 1_333])(
    "is run again %d ms after it failed, not at the next sweep",
    async (delayMs) => {
      const passed = await retriedAfter(delayMs, { hints: true });
      expect(passed).toBeGreaterThanOrEqual(delayMs);
      expect(passed).toBeLessThan(delayMs + 10);
    },
  );

  test("is run again at its moment also when every hint is lost, if a sweep comes before", async () => {
    const passed = await retriedAfter(1_333, { hints: false });
    expect(passed).toBeGreaterThanOrEqual(1_333);
    expect(passed).toBeLessThan(1_343);
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
    expect(it.errors.splice(0)).toHaveLength(1);
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

  test("a stopped pinned worker comes back for work that waits or comes, and not without", async () => {
    let calls = 0;
    const it = await world((request, context) => (++calls === 1 ? stuck : echoScript)(request, context));
    await it.addNode("a");
    const [running, waiting] = [await it.submit(), await it.submit()];
    await it.until(running, "started");
    const stop = async () => {
      const stopping = it.engine.stopWorkers({ queue: running.queue });
      await it.clock.advance(1_000);
      await stopping;
    };
    await stop();
    await it.until(waiting, "finished", 100);
    await stop();
    await it.clock.advance(5_000);
    const { workers } = await it.engine.workers({ filter: { queue: running.queue }, limit: 10 });
    expect(workers.map(({ status }) => status)).toEqual(["dead", "dead"]);
    await it.until(await it.submit(), "finished", 100);
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
    await it.stopped(node.stop({ ms: 1_000 }));
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
