import { afterEach, expect, test } from "bun:test";
import { claiming } from "../support/claiming.ts";
import { cuttable, endWorlds, LEASE, stuck, world } from "../support/world.ts";

afterEach(endWorlds);

test("a run that is lost is counted once by its node, whichever way that finds out, and by who reaped it", async () => {
  const it = await world(stuck);
  const cut = { off: false };
  await it.addNode("a", { storage: cuttable(it.storage, cut) });
  const job = await it.submit();
  await it.until(job, "started");
  await it.addNode("b", { fifoWorkers: 0 });
  cut.off = true;
  await it.until(job, "failed", 30_000);
  cut.off = false;
  await it.clock.advance(LEASE.leaseMs);
  const { nodes } = await it.engine.health();
  expect(nodes.map(({ report }) => [report.lostRuns, report.reapedRuns])).toEqual([
    [1, 0],
    [0, 1],
  ]);
});

test("a run that a heartbeat does not find, for its settlement came before, is not lost", async () => {
  const it = await claiming();
  const job = await it.submit();
  const answered = Promise.withResolvers<void>();
  it.line.next("settle", { answered: answered.promise });
  await it.end(job);
  expect(await it.status(job)).toBe("finished");
  await it.beat();
  answered.resolve();
  await it.clock.settle();
  await it.beat();
  expect(it.line.beats.map(({ runs }) => runs.length)).toEqual([1, 0]);
  expect(it.line.beats.at(-1)?.report).toMatchObject({ lostRuns: 0, leaseRenewals: 0 });
  await it.dispose();
});
