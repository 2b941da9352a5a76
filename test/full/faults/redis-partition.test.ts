import { expect, setDefaultTimeout, test } from "bun:test";
import { ended, LiveWorld, order, submitted } from "../../support/faults/live-world.ts";
import { startPartitionedSet } from "../../support/faults/partition.ts";
import { openStore } from "../../support/faults/store.ts";
import { reckon, Stream, soon } from "../../support/faults/stream.ts";

setDefaultTimeout(120_000);

test("a node that a partition leaves with the old master starts nothing that another one starts", async () => {
  await using set = await startPartitionedSet();
  const world = new LiveWorld({
    open: () => openStore(set.url),
    leaseMs: 10_000,
    marginMs: 1_000,
    answering: soon,
  });
  const { engine, storage } = await world.addEngine();
  const minority = () => openStore(set.minorityUrl);
  const left = await world.addEngine({ open: minority });
  await world.addNode("left", { open: minority });
  await world.addNode("right");
  const streams = [new Stream(engine, { name: "right" }), new Stream(left.engine, { name: "left" })];
  await Promise.all(streams.map((stream) => stream.more(50)));
  set.part();
  await set.promoted();
  await streams[0]?.more(100);
  set.heal();
  await Promise.all(streams.map((stream) => stream.more(50)));
  await Promise.all(streams.map((stream) => stream.stop()));
  const accepted = streams.flatMap((stream) => stream.accepted);
  const report = await reckon(world, engine, accepted);
  const { findings } = await storage.examine({ limit: 5 });
  await world.stop();
  expect(report).toMatchObject({ doubled: [], unexplained: [] });
  expect(findings).toEqual([]);
});

/** A job that may be tried again: the one case in which a command may be seen twice, but never by two at once. */
test("a run that a partition leaves with the old master is cut off before another node begins it anew", async () => {
  await using set = await startPartitionedSet();
  const active = new Set<symbol>();
  let most = 0;
  const world = new LiveWorld({
    open: () => openStore(set.url),
    leaseMs: 3_000,
    marginMs: 500,
    async answering(_, signal) {
      const me = Symbol();
      active.add(me);
      most = Math.max(most, active.size);
      const done = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => done.resolve());
      if (world.seen.length > 1) done.resolve();
      await done.promise;
      active.delete(me);
    },
  });
  const { engine } = await world.addEngine();
  await world.addNode("left", { open: () => openStore(set.minorityUrl) });
  const job = await submitted(engine, order("held", { retries: 1, executionTimeout: 60 }));
  await world.sees("the first run", (seen) => seen.length === 1);
  await world.addNode("right");
  set.part();
  await set.promoted();
  await world.sees("the second run", (seen) => seen.length === 2, 40_000);
  const { status, attempts } = await ended(engine, job.id);
  set.heal();
  await world.stop();
  expect({ status, attempts, most }).toEqual({ status: "finished", attempts: 2, most: 1 });
});
