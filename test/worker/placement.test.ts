import { afterEach, describe, expect, test } from "bun:test";
import { adoptionDelayMs, type Load, type Placement } from "../../src/engine/placement.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { bind, endWorlds, world } from "../support/world.ts";

afterEach(endWorlds);

/** The same numbers each time, spread over 0 to 1. */
function dice(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** How many of `devices` devices each of three nodes has once every one had a job. */
async function distribution(placement: Placement, devices: number, pinnedCapacity = 100) {
  const it = await world();
  const random = dice();
  const adds = { made: 0 };
  const storage = counted(it.storage, adds);
  for (const name of ["a", "b", "c"]) {
    await it.addNode(name, {
      storage,
      pinnedCapacity,
      fifoWorkers: 0,
      adoptionDelayMs: (load) => adoptionDelayMs(placement, load, random),
    });
  }
  await it.clock.advance(2_000);
  for (let n = 1; n <= devices; n++) await it.until(await it.submit({ host: `10.0.0.${n}` }), "finished");
  const count = async (node: string) =>
    (await it.storage.listWorkers({ filter: { node }, limit: 1000 })).workers.length;
  return { it, adds, counts: [await count("a"), await count("b"), await count("c")] };
}

function counted(storage: Parameters<typeof bind>[0], adds: { made: number }) {
  const plain = bind(storage);
  return {
    ...plain,
    addWorker: (params: Parameters<typeof plain.addWorker>[0]) => {
      adds.made += 1;
      return plain.addWorker(params);
    },
  };
}

describe("devices that come one after another to three nodes are taken", () => {
  test("by least_load in equal parts", async () => {
    expect((await distribution("least_load", 12)).counts).toEqual([4, 4, 4]);
  });

  test("by pack by one node until that is full, then by the next", async () => {
    const { counts } = await distribution("pack", 9, 5);
    expect(counts.toSorted()).toEqual([0, 4, 5]);
  });

  test("by random by each of them now and then", async () => {
    const { counts } = await distribution("random", 24);
    expect(counts.reduce((sum, count) => sum + count)).toBe(24);
    expect(Math.min(...counts)).toBeGreaterThan(2);
  });
});

test("devices that come all at once are shared also with a node that hears of them a little later", async () => {
  const it = await world();
  const random = dice();
  const terms = {
    pinnedCapacity: 100,
    fifoWorkers: 0,
    adoptionDelayMs: (load: Load) => adoptionDelayMs("least_load", load, random),
  };
  const plain = bind(it.storage);
  const late: Storage = {
    ...plain,
    subscribe: (onHint) => plain.subscribe((hint) => it.clock.after(5, () => onHint(hint))),
  };
  for (const name of ["a", "b"]) await it.addNode(name, terms);
  await it.addNode("c", { ...terms, storage: late });
  await it.clock.advance(2_000);
  const jobs = await Promise.all(
    Array.from({ length: 60 }, (_, n) => it.submit({ host: `10.0.1.${n + 1}` })),
  );
  const nodes = [];
  for (const job of jobs) nodes.push((await it.until(job, "finished")).job.node);
  for (const name of ["a", "b", "c"]) expect(nodes.filter((node) => node === name).length).toBeGreaterThan(5);
});

test("jobs of a device that one node has make the others ask for it at most once a second", async () => {
  const { it, adds } = await distribution("least_load", 1);
  const before = adds.made;
  for (let n = 0; n < 20; n++) await it.until(await it.submit(), "finished");
  expect(adds.made - before).toBeLessThanOrEqual(2);
});

test("a node that is alone does not wait, whatever its load; from its second on it does", async () => {
  const it = await world();
  const delays: number[] = [];
  const adoptionDelayMs = () => {
    delays.push(it.clock.monotonic());
    return 50;
  };
  const { node } = await it.addNode("a", { adoptionDelayMs });
  await it.until(await it.submit(), "finished");
  expect(delays).toEqual([]);
  const other = await it.addNode("b", { adoptionDelayMs });
  await it.clock.advance(2_000);
  const before = it.clock.monotonic();
  await it.until(await it.submit({ host: "10.0.0.2" }), "finished");
  const asked = delays.length;
  expect(asked).toBeGreaterThanOrEqual(2);
  expect(it.clock.monotonic() - before).toBeLessThan(200);
  await it.stopped(other.node.stop());
  await it.clock.advance(2_000);
  await it.until(await it.submit({ host: "10.0.0.3" }), "finished");
  expect(delays).toHaveLength(asked);
  await it.stopped(node.stop());
});

test("a device whose worker ends on one node is another's a moment later, not at its next sweep", async () => {
  const it = await world();
  const { node } = await it.addNode("a");
  await it.until(await it.submit(), "finished");
  await it.addNode("b", { fifoWorkers: 0 });
  // Just behind a sweep of b, and told that a has the device.
  await it.clock.advance(1_000);
  const stopping = node.stop({ ms: 0 });
  const job = await it.submit();
  const submitted = it.clock.monotonic();
  const done = await it.until(job, "finished", 900);
  expect(done.job.node).toBe("b");
  expect(it.clock.monotonic() - submitted).toBeLessThan(400);
  await it.stopped(stopping);
});
