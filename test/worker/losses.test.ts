import { afterEach, describe, expect, test } from "bun:test";
import type { Storage } from "../../src/storage/storage.ts";
import { echoScript } from "../support/scripted-driver.ts";
import { bind, cuttable, deaf, endWorlds, LEASE, stuck, world } from "../support/world.ts";

afterEach(endWorlds);

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

  test("a worker is stopped though its host is frozen; the jobs that die with the host are named", async () => {
    const it = await world(stuck);
    const { hosts } = await it.addNode("a");
    const [one, other] = [await it.submit(), await it.submit({ host: "10.0.0.2" })];
    const { job } = await it.until(one, "started");
    const { job: beside } = await it.until(other, "started");
    hosts.freezeNewest();
    const stopping = it.engine.stopWorkers({ name: job.worker ?? "" });
    const [lost] = [await it.until(other, "failed", 9_000), await it.clock.advance(1_000)];
    expect(await stopping).toEqual([
      { worker: job.worker ?? "", status: "stopped", interruptedJobs: [one.id, other.id] },
    ]);
    expect((await it.view(one)).job.result?.error?.type).toBe("WorkerStopped");
    expect(lost.job.result?.error?.type).toBe("WorkerLost");
    const { workers } = await it.engine.workers({ filter: { name: beside.worker ?? "" }, limit: 1 });
    expect(workers).toMatchObject([{ status: "idle", session: "none", pid: 1001 }]);
    expect(hosts.started()).toBe(2);
  });

  test("a job of another worker that only shares the host, and lives, is not named", async () => {
    const it = await world((request, context) =>
      ((context.args as { host: string }).host === "10.0.0.1" ? deaf : stuck)(request, context),
    );
    const { hosts } = await it.addNode("a");
    const [one, other] = [await it.submit(), await it.submit({ host: "10.0.0.2" })];
    const { job } = await it.until(one, "started");
    await it.until(other, "started");
    const stopping = it.engine.stopWorkers({ name: job.worker ?? "" });
    await it.clock.advance(4_000);
    expect(await stopping).toEqual([
      { worker: job.worker ?? "", status: "stopped", interruptedJobs: [one.id] },
    ]);
    expect((await it.view(other)).job.status).toBe("started");
    expect(hosts.started()).toBe(1);
  });

  test("a host that has stopped answering is given nothing new", async () => {
    const it = await world();
    const { hosts } = await it.addNode("a");
    await it.until(await it.submit(), "finished");
    hosts.freezeNewest();
    await it.clock.advance(5_000);
    const job = await it.submit();
    const done = await it.until(job, "finished", 6_000);
    expect(done.job.attempts).toBe(1);
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

describe("a store that does not answer at the wrong moment", () => {
  /** Reads work, writes do not: a file that somebody else holds locked. */
  function lockable(storage: Storage, lock: { off: boolean }): Storage {
    const cut = cuttable(storage, lock);
    const open = bind(storage);
    const { ping, get, outputs, list, counts, queues, nodes, leases, listWorkers, readOutput } = open;
    return { ...cut, ping, get, outputs, list, counts, queues, nodes, leases, listWorkers, readOutput };
  }

  test("locked for longer than a lease while reads work, loses nobody", async () => {
    const it = await world();
    const lock = { off: false };
    const lost: string[] = [];
    const storage = lockable(it.storage, lock);
    await it.addNode("a", { storage, lost });
    await it.addNode("b", { storage, lost, fifoWorkers: 0 });
    await it.until(await it.submit(), "finished");
    for (const ms of [12_000, 15_200, 16_400, 40_000]) {
      lock.off = true;
      await it.clock.advance(ms);
      lock.off = false;
      await it.clock.advance(3_000);
    }
    expect(lost).toEqual([]);
    expect(it.log.filter((line) => line.startsWith("destroy"))).toEqual([]);
  });

  test("while a worker is ended, leaves no zombie: its queue is served when the store is back", async () => {
    const it = await world();
    const cut = { off: false };
    await it.addNode("a", { storage: cuttable(it.storage, cut), idleTimeoutMs: 5_000 });
    await it.until(await it.submit(), "finished");
    cut.off = true;
    await it.clock.advance(8_000);
    cut.off = false;
    await it.clock.advance(3_000);
    await it.until(await it.submit(), "finished", 5_000);
    const { workers } = await it.engine.workers({ filter: { host: "10.0.0.1" }, limit: 10 });
    expect(workers).toHaveLength(1);
  });

  test("while a node that was declared lost begins anew, only puts that off", async () => {
    const it = await world();
    const cut = { off: false };
    const lost: string[] = [];
    await it.addNode("a", { storage: cuttable(it.storage, cut), lost });
    const [pulse] = await it.storage.nodes();
    if (!pulse) throw new Error("the node is not listed");
    await it.storage.loseNode(pulse);
    while (lost.length === 0) await it.clock.advance(10);
    cut.off = true;
    await it.clock.advance(30_000);
    cut.off = false;
    await it.until(await it.submit(), "finished", 20_000);
  });
});

describe("hosts that cannot be started", () => {
  test("a refused process puts jobs off, and costs none", async () => {
    const it = await world();
    const { hosts } = await it.addNode("a");
    await it.until(await it.submit(), "finished");
    hosts.refuse(3);
    hosts.killNewest();
    const jobs = [await it.submit(), await it.submit({ host: "10.0.0.2" })];
    for (const job of jobs) await it.until(job, "finished", 5_000);
    expect(it.errors.splice(0)).toHaveLength(3);
  });

  test("hosts that end at once are started ever more slowly, and no job is spent on them", async () => {
    const it = await world();
    const { hosts } = await it.addNode("a");
    await it.until(await it.submit(), "finished");
    const before = hosts.started();
    hosts.stillborn(1_000);
    hosts.killNewest();
    const job = await it.submit();
    await it.clock.advance(20_000);
    expect((await it.view(job)).job).toMatchObject({ status: "queued", attempts: 0 });
    expect(hosts.started() - before).toBeLessThan(12);
    hosts.stillborn(0);
    await it.until(job, "finished", 40_000);
  });
});

test("what a session says late of one run is never taken for the next run of the job", async () => {
  let calls = 0;
  const late = Promise.withResolvers<void>();
  const it = await world(async function* (request, context) {
    calls += 1;
    if (calls > 1) return yield* stuck(request, context);
    yield { kind: "start", index: 0 };
    await late.promise; // deaf to its abort, and in the end it claims success
  });
  await it.addNode("a");
  const job = await it.submit({ retries: 2 });
  await it.until(job, "started");
  const [lease] = await it.storage.leases();
  if (!lease) throw new Error("the run has no lease");
  await it.storage.reap({ leases: [lease], error: { type: "WorkerLost", message: "x", retryable: true } });
  while (calls < 2) await it.clock.advance(100);
  late.resolve();
  await it.clock.advance(5_000);
  expect((await it.view(job)).job).toMatchObject({ status: "started", attempts: 2 });
});
