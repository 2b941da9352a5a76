import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { failure } from "../../e2e/support/api.ts";
import { on, startHeldJob } from "../../e2e/support/held-job.ts";
import { LiveWorld } from "../../support/faults/live-world.ts";
import { served, slowest } from "../../support/faults/served.ts";
import { openStore } from "../../support/faults/store.ts";
import { reckon, Stream, soon } from "../../support/faults/stream.ts";
import { type Redis, startRedis, startSentinelSet } from "../../support/redis.ts";

setDefaultTimeout(60_000);

interface Outage {
  name: string;
  appendfsync?: "everysec";
  leaseMs: number;
  /** From its beginning to its end. */
  strike(redis: Redis): Promise<void>;
}

async function stopped(redis: Redis, ms: number): Promise<void> {
  redis.pause();
  await Bun.sleep(ms);
  redis.resume();
}

const OUTAGES: Outage[] = [
  {
    name: "is stopped, away for 3 s and started again, syncing every second",
    appendfsync: "everysec",
    leaseMs: 10_000,
    strike: awayFor3Seconds,
  },
  {
    name: "is stopped, away for 3 s and started again, syncing always",
    leaseMs: 10_000,
    strike: awayFor3Seconds,
  },
  {
    name: "pauses its clients for 3 s",
    leaseMs: 10_000,
    strike: async (redis) => void (await redis.cli("CLIENT", "PAUSE", "3000", "ALL")),
  },
  { name: "hangs for 3 s", leaseMs: 10_000, strike: (redis) => stopped(redis, 3_000) },
  {
    name: "hangs for longer than a call may take",
    leaseMs: 15_000,
    strike: (redis) => stopped(redis, 7_000),
  },
  { name: "hangs for twice as long as a lease", leaseMs: 2_000, strike: (redis) => stopped(redis, 4_000) },
];

async function awayFor3Seconds(redis: Redis): Promise<void> {
  // It saves what it has and says goodbye, as in an update.
  await redis.cli("SHUTDOWN").catch(() => {});
  await Bun.sleep(3_000);
  await redis.start();
}

describe("a Redis that", () => {
  test.each(OUTAGES)(
    "$name costs no job, no worker and no command",
    async ({ leaseMs, appendfsync, strike }) => {
      const extraArgs = appendfsync ? ["--appendfsync", appendfsync] : [];
      await using redis = await startRedis({ appendOnly: true, extraArgs });
      const marginMs = leaseMs / 10;
      const world = new LiveWorld({ open: () => openStore(redis.url), leaseMs, marginMs, answering: soon });
      const { engine, storage } = await world.addEngine();
      await world.addNode("a");
      await world.addNode("b");
      const stream = new Stream(engine);
      await stream.more(50);
      const before = await names(storage);
      await strike(redis);
      await stream.more(50);
      await stream.stop();
      const report = await reckon(world, engine, stream.accepted);
      const after = await names(storage);
      const { findings } = await storage.examine({ limit: 5 });
      await world.stop();
      expect(report.ended.filter(({ status }) => status !== "finished")).toEqual([]);
      expect(report).toMatchObject({ doubled: [], unexplained: [] });
      const { reaped, lostNodes, errors } = world;
      expect({ reaped, lostNodes, errors, findings }).toEqual({
        reaped: [],
        lostNodes: [],
        errors: [],
        findings: [],
      });
      expect(after).toEqual(before);
    },
  );
});

/** Of living workers; the same ones afterwards have not died. */
async function names(storage: Awaited<ReturnType<typeof openStore>>): Promise<string[]> {
  const { workers } = await storage.listWorkers({ filter: {}, limit: 1_000 });
  return workers.map(({ name, status }) => `${name} ${status === "dead" ? "dead" : "alive"}`).sort();
}

const SECRET = { NETPULSE_SECRET_KEY: "0123456789abcdef".repeat(4) };

describe("serve, on a Redis that hangs", () => {
  test("answers 503 within the time that a call may take, and goes on where it was", async () => {
    await using redis = await startRedis({ appendOnly: true });
    await using it = await served({ env: { NETPULSE_STORAGE__URL: redis.url, ...SECRET } });
    const running = await startHeldJob(it.api, it.device);
    redis.pause();
    const asked = [
      it.api.tryExec(on(it.other, { command: "show clock" })),
      it.api.get(`/job?id=${running.id}`),
    ];
    const over = Promise.all(asked);
    const since = performance.now();
    const { longest } = await slowest(over, () => it.netpulse.get("/livez"));
    expect(performance.now() - since).toBeLessThan(6_000);
    expect(longest).toBeLessThan(500);
    for (const answer of await over) {
      expect(answer).toMatchObject({ status: 503, message: "the store does not answer; try again shortly" });
    }
    redis.resume();
    expect(await it.api.run(on(it.other, { command: "show clock" }))).toMatchObject({ status: "finished" });
    it.device.release();
    expect(await it.api.ended(running.id)).toMatchObject({ status: "finished", attempts: 1 });
    expect(it.device.count("show users")).toBe(1);
  });

  test("for longer than a lease, cuts off what it runs, once, and nothing else", async () => {
    await using redis = await startRedis({ appendOnly: true });
    const lease = { NETPULSE_WORKER__LEASE: "2", NETPULSE_WORKER__LEASE_MARGIN: "0.5" };
    await using it = await served({ env: { NETPULSE_STORAGE__URL: redis.url, ...SECRET, ...lease } });
    await it.api.run(on(it.other, { command: "show clock" }));
    const before = await it.api.workers("");
    const running = await startHeldJob(it.api, it.device);
    const waiting = await it.api.exec(on(it.device, { command: "show clock" }));
    redis.pause();
    await it.device.open(0);
    redis.resume();
    it.device.release();
    expect(failure(await it.api.ended(running.id))).toMatchObject({ status: "failed", error: "WorkerLost" });
    expect(await it.api.ended(waiting.id)).toMatchObject({ status: "finished", attempts: 1 });
    expect(it.device.count("show users")).toBe(1);
    const after = await it.api.workers("");
    expect(after.filter(({ status }) => status === "dead")).toEqual([]);
    expect(after.map(({ name }) => name)).toEqual(expect.arrayContaining(before.map(({ name }) => name)));
  });
});

test("with a single replica, a failover leaves nobody to confirm: nothing is accepted until there is a replica again", async () => {
  await using set = await startSentinelSet();
  const world = new LiveWorld({
    open: () => openStore(set.url),
    leaseMs: 10_000,
    marginMs: 1_000,
    answering: soon,
  });
  const { engine } = await world.addEngine();
  await world.addNode("a");
  const stream = new Stream(engine, { callers: 4 });
  await stream.more(20);
  const old = await set.master();
  await old.kill();
  await set.waitForFailover(old);
  const before = stream.accepted.length;
  await Bun.sleep(3_000);
  expect(stream.accepted.length - before).toBeLessThanOrEqual(stream.callers);
  await old.start();
  await stream.more(20);
  await stream.stop();
  const report = await reckon(world, engine, stream.accepted);
  await world.stop();
  expect(report.ended.filter(({ status }) => status !== "finished")).toEqual([]);
  expect(report).toMatchObject({ doubled: [], unexplained: [] });
});
