import { afterEach, expect, test } from "bun:test";
import { echoScript } from "../support/scripted-driver.ts";
import { bind, endWorlds, stuck, world } from "../support/world.ts";

afterEach(endWorlds);

type World = Awaited<ReturnType<typeof world>>;

/** Devices with a pinned worker, those that are listed as dead included. */
async function listed(it: World): Promise<string[]> {
  const { workers } = await it.engine.workers({ filter: {}, limit: 100 });
  return workers.flatMap((worker) => worker.host ?? []).toSorted();
}

test("at capacity the pinned worker that was idle longest gives way, and comes back with the next job", async () => {
  const it = await world();
  const { node } = await it.addNode("a", { pinnedCapacity: 2 });
  for (const host of ["10.0.0.1", "10.0.0.2", "10.0.0.3"]) {
    await it.until(await it.submit({ host }), "finished");
    await it.clock.advance(1_000);
  }
  expect(await listed(it)).toEqual(["10.0.0.2", "10.0.0.3"]);
  expect(it.log.filter((line) => line.startsWith("close"))).toEqual(["close 1"]);
  await it.until(await it.submit({ host: "10.0.0.1" }), "finished");
  expect(await listed(it)).toEqual(["10.0.0.1", "10.0.0.3"]);
  expect(node.evictions()).toEqual({ idle: 0, displaced: 2 });
  await it.clock.advance(10_000);
  const { nodes } = await it.engine.health();
  expect(nodes).toMatchObject([
    { name: "a", report: { claims: 4, evictedDisplaced: 2, connectsOpened: 4, lostRuns: 0 } },
  ]);
});

test("at capacity with every worker at work a device waits until one of them is idle", async () => {
  let calls = 0;
  const it = await world((request, context) => (++calls === 1 ? stuck : echoScript)(request, context));
  await it.addNode("a", { pinnedCapacity: 1 });
  const first = await it.submit({ host: "10.0.0.1" });
  await it.until(first, "started");
  const waiting = await it.submit({ host: "10.0.0.2" });
  await it.clock.advance(5_000);
  expect((await it.view(waiting)).job.status).toBe("queued");
  await it.engine.cancelJob({ id: first.id, abort: true });
  await it.until(waiting, "finished");
  expect(await listed(it)).toEqual(["10.0.0.2"]);
});

test("a pinned worker that had nothing to do for idle_timeout closes its session and goes, and comes back with the next job", async () => {
  const it = await world();
  const { node } = await it.addNode("a", { idleTimeoutMs: 60_000 });
  const first = await it.until(await it.submit(), "finished");
  await it.clock.advance(62_000);
  expect(await listed(it)).toEqual([]);
  expect(it.log.at(-1)).toBe("close 1");
  expect(node.evictions()).toEqual({ idle: 1, displaced: 0 });
  const second = await it.until(await it.submit(), "finished");
  expect(second.job.worker).not.toBe(first.job.worker);
  expect(it.log.slice(-2)).toEqual(["connect 2", "run 2"]);
});

test("a worker that gets a job while another idle one is ended is not ended with it", async () => {
  let calls = 0;
  const it = await world((request, context) => (++calls < 3 ? echoScript : stuck)(request, context));
  const answer = Promise.withResolvers<void>();
  const store = bind(it.storage);
  const slow: typeof store.endWorker = async (params) => {
    await answer.promise;
    return store.endWorker(params);
  };
  await it.addNode("a", { idleTimeoutMs: 60_000, storage: { ...store, endWorker: slow } });
  for (const host of ["10.0.0.1", "10.0.0.2"]) await it.until(await it.submit({ host }), "finished");
  await it.clock.advance(62_000);
  const job = await it.submit({ host: "10.0.0.2" });
  await it.until(job, "started");
  answer.resolve();
  await it.clock.advance(5_000);
  expect((await it.view(job)).job.status).toBe("started");
});
