import { afterEach, describe, expect, test } from "bun:test";
import { echoScript } from "../support/scripted-driver.ts";
import { cuttable, endWorlds, LEASE, stuck, world } from "../support/world.ts";

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
