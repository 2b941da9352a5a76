import { afterEach, describe, expect, test } from "bun:test";
import { DeviceError } from "../../src/device/driver.ts";
import { echoScript, type Script } from "../support/scripted-driver.ts";
import { cuttable, endWorlds, stuck, world } from "../support/world.ts";

afterEach(endWorlds);

type World = Awaited<ReturnType<typeof world>>;

const connects = (it: World) => it.log.filter((line) => line.startsWith("connect")).length;
const BREAKING = { failures: 3, openForMs: 30_000, longestMs: 300_000 };

describe("sessions with one device", () => {
  test("are as many as session.per_device on a node, whichever hosts its workers are in", async () => {
    const it = await world(stuck);
    const { hosts } = await it.addNode("a", { fifoWorkers: 3, sessionsPerHost: 1 });
    const jobs = [await it.submit()];
    for (let n = 0; n < 3; n++) jobs.push(await it.submit({ queueStrategy: "fifo" }));
    await it.clock.advance(5_000);
    expect(hosts.started()).toBe(4);
    expect(connects(it)).toBe(2);
    const [first] = jobs;
    await it.engine.cancelJob({ id: `${first?.id}`, abort: true });
    await it.clock.advance(1_000);
    expect(connects(it)).toBe(3);
  });

  test("that are idle give way to a job in another host", async () => {
    const it = await world();
    const terms = { admission: { perDevice: 1 } };
    await it.addNode("a", { fifoWorkers: 1, sessionsPerHost: 1, ...terms });
    await it.until(await it.submit(), "finished");
    await it.until(await it.submit({ queueStrategy: "fifo" }), "finished");
    await it.until(await it.submit(), "finished");
    expect(it.log.filter((line) => !line.startsWith("run"))).toEqual([
      ...["connect 1", "close 1"],
      ...["connect 2", "close 2"],
      "connect 3",
    ]);
  });

  test("of a host that died do not count", async () => {
    let calls = 0;
    const it = await world((request, context) => (++calls === 1 ? stuck : echoScript)(request, context));
    const terms = { admission: { perDevice: 1 } };
    const { hosts } = await it.addNode("a", { fifoWorkers: 0, ...terms });
    const lost = await it.submit();
    await it.until(lost, "started");
    hosts.killNewest();
    await it.until(lost, "failed", 1_000);
    await it.until(await it.submit(), "finished");
  });
});

describe("a connection that waits for its turn", () => {
  test("waits within its job's time", async () => {
    const it = await world();
    const terms = { admission: { connects: { perSecond: 0.1, burst: 1 } } };
    await it.addNode("a", terms);
    await it.until(await it.submit(), "finished");
    const late = await it.submit({ host: "10.0.0.2", executionTimeout: 5 });
    const inTime = await it.submit({ host: "10.0.0.3", executionTimeout: 60 });
    const { job } = await it.until(late, "failed", 6_000);
    expect(job.result?.error?.type).toBe("TimeoutError");
    await it.until(inTime, "finished", 10_000);
    expect(connects(it)).toBe(2);
  });

  test("can be aborted", async () => {
    const it = await world();
    const terms = { admission: { connects: { perSecond: 0.01, burst: 1 } } };
    const { admission } = await it.addNode("a", terms);
    await it.until(await it.submit(), "finished");
    const job = await it.submit({ host: "10.0.0.2" });
    await it.until(job, "started");
    expect(admission.counters().waiting).toBe(1);
    await it.engine.cancelJob({ id: job.id, abort: true });
    expect((await it.until(job, "failed", 1_000)).job.result?.error?.type).toBe("JobAborted");
    expect(admission.counters().waiting).toBe(0);
  });
});

describe("a device that cannot be reached", () => {
  /** Refuses connections until it is repaired. */
  async function brokenDevice() {
    const device = { broken: true };
    const it = await world(echoScript, {
      async connect() {
        if (device.broken) throw new DeviceError("ConnectionError", "10.0.0.1 refused the connection");
      },
    });
    const added = await it.addNode("a", { admission: { devices: BREAKING } });
    const failing = async (queueStrategy: "fifo" | "pinned" = "pinned") =>
      (await it.until(await it.submit({ queueStrategy }), "failed")).job.result?.error;
    return { it, device, failing, ...added };
  }

  test("is left alone by all workers of the node, and tried again by the first job after a while", async () => {
    const { it, device, failing, admission } = await brokenDevice();
    for (const strategy of ["pinned", "fifo", "pinned"] as const) {
      expect(await failing(strategy)).toMatchObject({ type: "ConnectionError" });
    }
    for (const strategy of ["pinned", "fifo"] as const) {
      expect(await failing(strategy)).toMatchObject({
        type: "CircuitOpen",
        retryable: true,
        message: expect.stringContaining("10.0.0.1 refused the connection"),
      });
    }
    expect(connects(it)).toBe(3);
    expect(admission.counters().turnedAway.byDevice).toBe(2);
    device.broken = false;
    await it.clock.advance(30_000);
    await it.until(await it.submit(), "finished");
    await it.until(await it.submit({ queueStrategy: "fifo" }), "finished");
  });

  test("gets the job that allows retries when it is back", async () => {
    const { it, device, failing } = await brokenDevice();
    for (let n = 0; n < 3; n++) await failing();
    const job = await it.submit({ retries: 100 });
    await it.clock.advance(10_000);
    expect(connects(it)).toBe(3);
    device.broken = false;
    expect((await it.until(job, "finished")).job.attempts).toBeGreaterThan(2);
  });

  test("does not keep jobs from a session with it that lives", async () => {
    const device = { broken: false };
    const it = await world(echoScript, {
      async connect() {
        if (device.broken) throw new DeviceError("ConnectionError", "10.0.0.1 refused the connection");
      },
    });
    await it.addNode("a", { admission: { devices: BREAKING } });
    await it.until(await it.submit(), "finished");
    device.broken = true;
    for (let n = 0; n < 4; n++) await it.until(await it.submit({ queueStrategy: "fifo" }), "failed");
    await it.until(await it.submit(), "finished");
  });
});

describe("a login that is refused", () => {
  const refusing = (retryable: boolean) => ({
    async connect() {
      throw new DeviceError("AuthenticationError", "login of u on 10.0.0.1 failed", { retryable });
    },
  });

  test.each([true, false])(
    "is never tried again, whatever retries say (retryable: %p)",
    async (retryable) => {
      const it = await world(echoScript, refusing(retryable));
      await it.addNode("a");
      const { job } = await it.until(await it.submit({ retries: 5 }), "failed");
      expect(job).toMatchObject({ attempts: 1, result: { error: { type: "AuthenticationError" } } });
      await it.clock.advance(120_000);
      expect(connects(it)).toBe(1);
    },
  );

  test("again and again is not sent any more for a while, by any worker; other credentials are", async () => {
    let refuse = true;
    const it = await world(echoScript, {
      async connect() {
        if (refuse) throw new DeviceError("AuthenticationError", "login of u on 10.0.0.1 failed");
      },
    });
    const { admission } = await it.addNode("a", { admission: { logins: BREAKING, devices: BREAKING } });
    for (let n = 0; n < 6; n++) {
      const queueStrategy = n % 2 === 0 ? "pinned" : "fifo";
      const { job } = await it.until(await it.submit({ queueStrategy }), "failed");
      expect(job.result?.error).toMatchObject({ type: "AuthenticationError", retryable: false });
    }
    expect(connects(it)).toBe(3);
    expect(admission.counters()).toMatchObject({ turnedAway: { byDevice: 0, byLogin: 3 } });
    refuse = false;
    const connectionArgs = { host: "10.0.0.1", username: "u", password: "another" };
    await it.until(await it.submit({ connectionArgs }), "finished");
  });
});

describe("an idle session", () => {
  const session = async (it: World) => {
    await it.clock.advance(3_000); // what a worker tells of itself comes with its heartbeats
    const { workers } = await it.engine.workers({ filter: { host: "10.0.0.1" }, limit: 1 });
    return workers[0]?.session;
  };

  test("that the device closes is listed as none; the next job connects anew", async () => {
    let hangUp = () => {};
    const script: Script = (request, context) => {
      hangUp = () => context.onClosed("the device went away");
      return echoScript(request, context);
    };
    const it = await world(script);
    await it.addNode("a");
    await it.until(await it.submit(), "finished");
    expect(await session(it)).toBe("connected");
    hangUp();
    expect(await session(it)).toBe("none");
    await it.until(await it.submit(), "finished");
    expect(await session(it)).toBe("connected");
    expect(connects(it)).toBe(2);
  });

  test("that does not answer its probe is closed and listed as none", async () => {
    let alive = true;
    const it = await world(echoScript, { health: async () => alive });
    await it.addNode("a", { probeIntervalMs: 20_000 });
    await it.until(await it.submit(), "finished");
    await it.clock.advance(60_000);
    expect(await session(it)).toBe("connected");
    alive = false;
    await it.clock.advance(30_000);
    expect(await session(it)).toBe("none");
    expect(it.log.at(-1)).toBe("destroy 1");
  });

  test("is probed once in each interval", async () => {
    const it = await world();
    await it.addNode("a", { probeIntervalMs: 20_000 });
    await it.until(await it.submit(), "finished");
    await it.clock.advance(100_000);
    expect(it.log.filter((line) => line.startsWith("health")).length).toBeWithin(4, 6);
  });

  test("is never probed where that is turned off", async () => {
    const it = await world();
    await it.addNode("a", { probeIntervalMs: 0 });
    await it.until(await it.submit(), "finished");
    await it.clock.advance(100_000);
    expect(it.log).toEqual(["connect 1", "run 1"]);
  });

  test("is not probed by a node that does not know whether it still counts as alive", async () => {
    const it = await world();
    const cut = { off: false };
    await it.addNode("a", { probeIntervalMs: 20_000, storage: cuttable(it.storage, cut) });
    await it.until(await it.submit(), "finished");
    cut.off = true;
    await it.clock.advance(100_000);
    expect(it.log).toEqual(["connect 1", "run 1"]);
    cut.off = false;
    await it.clock.advance(10_000);
    expect(it.log).toEqual(["connect 1", "run 1", "health 1"]);
  });
});
