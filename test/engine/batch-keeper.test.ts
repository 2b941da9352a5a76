import { afterEach, expect, test } from "bun:test";
import { idSource } from "../../src/core/ids.ts";
import { BatchKeeper } from "../../src/engine/maintenance/batches.ts";
import { openStorage } from "../../src/storage/open.ts";
import { failed, released } from "../../src/storage/storage.ts";
import { BATCH } from "../conformance/storage/batches.ts";
import { FakeClock } from "../support/clock.ts";
import { DEVICE_AWAY, Factory } from "../support/factory.ts";
import { tempDir } from "../support/tempdir.ts";
import { bind } from "../support/world.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A store with a batch, and a keeper that looks when it is told to. */
async function keeping(batch: Partial<typeof BATCH>) {
  const dir = tempDir("batch-keeper");
  const clock = new FakeClock();
  const store = await openStorage({ url: `sqlite:${dir.file("test.db")}`, clock, synchronous: "normal" });
  await store.migrate();
  ends.push(async () => {
    await store.close();
    dir.remove();
  });
  await store.addBatch({ batch: { ...BATCH, canary: [], stored: true, ...batch } });
  return { clock, store, make: new Factory(store) };
}

test("a job that comes back to its queue when its batch was stopped does not start again", async () => {
  const { clock, store, make } = await keeping({ phase: "stopping", reason: "somebody said so" });
  const { token, job } = await make.started({ batchId: BATCH.id });
  const keeper = new BatchKeeper({ storage: store, batches: store, clock, ids: idSource(clock) });
  await keeper.round();
  expect(await store.getBatch({ id: BATCH.id })).toMatchObject({ phase: "stopped", watched: true });
  await make.settle(token, released());
  expect(await store.get({ ids: [job.id] })).toMatchObject([{ status: "queued" }]);
  await keeper.round();
  expect(await store.get({ ids: [job.id] })).toMatchObject([{ status: "cancelled" }]);
  await keeper.round();
  expect(await store.getBatch({ id: BATCH.id })).toMatchObject({ phase: "stopped", watched: false });
});

test("a batch whose last job fails during a look is not over before its failures were counted", async () => {
  const { clock, store, make } = await keeping({ phase: "open", stopAfter: 1 });
  const { token, job } = await make.started({ batchId: BATCH.id });
  const counted: number[] = [];
  const batchCounts: typeof store.batchCounts = async (params) => {
    const counts = await store.batchCounts(params);
    counted.push(counts.failed);
    if (counts.started > 0) await make.settle(token, failed(DEVICE_AWAY));
    return counts;
  };
  const storage = { ...bind(store), batchCounts };
  const keeper = new BatchKeeper({ storage, batches: store, clock, ids: idSource(clock) });

  await keeper.round();
  expect(await store.get({ ids: [job.id] })).toMatchObject([{ status: "failed" }]);
  await keeper.round();
  expect(counted).toEqual([0, 1, 1]);
  expect(await store.getBatch({ id: BATCH.id })).toMatchObject({
    phase: "stopped",
    reason: "stop_after_failures: 1 of its jobs have failed",
    watched: false,
  });
});
