import { describe, expect, test } from "bun:test";
import { JOB_STATUSES } from "../../../src/core/job.ts";
import type { Batch } from "../../../src/storage/batches.ts";
import { HELD, type Hint } from "../../../src/storage/storage.ts";
import { MINUTE, T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

export const BATCH: Batch = {
  id: "batch_1",
  createdAt: T0,
  fingerprint: "print",
  jobs: 3,
  canary: ["job_1"],
  stopAfter: 2,
  resultTtlMs: MINUTE,
  retryOf: null,
  phase: "canary",
  reason: null,
  stored: false,
  watched: true,
};
const NONE = { queued: 0, started: 0, finished: 0, failed: 0, cancelled: 0 };

export function batchesConformance(setup: Setup): void {
  describe("batches", () => {
    test("the first one stored under an id stays", async () => {
      const { storage } = await setup();
      expect(await storage.getBatch({ id: BATCH.id })).toBeNull();
      expect(await storage.addBatch({ batch: BATCH })).toEqual({ batch: BATCH, added: true });
      const other = { ...BATCH, fingerprint: "other", phase: "open" as const };
      expect(await storage.addBatch({ batch: other })).toEqual({ batch: BATCH, added: false });
      expect(await storage.getBatch({ id: BATCH.id })).toEqual(BATCH);
    });

    test("an empty canary and what is absent come back as they were", async () => {
      const { storage } = await setup();
      const plain = { ...BATCH, canary: [], stopAfter: null, fingerprint: null, watched: false };
      await storage.addBatch({ batch: plain });
      expect(await storage.getBatch({ id: BATCH.id })).toEqual(plain);
    });

    test("a change is made from the phases it names, and from no other", async () => {
      const { storage } = await setup();
      await storage.addBatch({ batch: BATCH });
      const change = { phase: "stopping", reason: "2 jobs have failed" } as const;
      const { id } = BATCH;
      expect(await storage.changeBatch({ id, from: ["open", "releasing"], change })).toBeNull();
      expect(await storage.getBatch({ id })).toEqual(BATCH);
      expect(await storage.changeBatch({ id, from: ["open", "canary"], change })).toEqual({
        ...BATCH,
        ...change,
      });
      expect(await storage.changeBatch({ id, from: ["open", "canary"], change })).toBeNull();
      const stored = { stored: true, watched: false };
      expect(await storage.changeBatch({ id, from: ["stopping"], change: stored })).toEqual({
        ...BATCH,
        ...change,
        ...stored,
      });
      expect(await storage.changeBatch({ id: "batch_2", from: ["open"], change })).toBeNull();
    });

    test("of two changes at once one is made", async () => {
      const { storage, connect } = await setup();
      const other = await connect();
      await storage.addBatch({ batch: BATCH });
      const call = { id: BATCH.id, from: ["canary"], change: { phase: "releasing" } } as const;
      const both = await Promise.all([storage.changeBatch(call), other.changeBatch(call)]);
      expect(both.filter((changed) => changed !== null)).toHaveLength(1);
    });

    test("lists all in pages, or the watched ones", async () => {
      const { storage } = await setup();
      const all = ["a", "b", "c", "d"].map((id) => ({ ...BATCH, id, watched: id !== "b" }));
      for (const batch of all.toReversed()) await storage.addBatch({ batch });
      const first = await storage.listBatches({ watched: false, limit: 3 });
      expect(first).toEqual({ batches: all.slice(0, 3), next: "c" });
      expect(await storage.listBatches({ watched: false, limit: 3, after: "c" })).toEqual({
        batches: all.slice(3),
        next: null,
      });
      await storage.changeBatch({ id: "c", from: ["canary"], change: { watched: false } });
      await storage.changeBatch({ id: "b", from: ["canary"], change: { watched: true } });
      const { batches } = await storage.listBatches({ watched: true, limit: 3 });
      expect(batches.map(({ id }) => id)).toEqual(["a", "b", "d"]);
    });

    test("one that is forgotten leaves nothing behind", async () => {
      const { storage, footprint } = await setup();
      const before = await footprint();
      await storage.addBatch({ batch: BATCH });
      expect(await footprint()).toBeGreaterThan(before);
      await storage.forgetBatch({ id: BATCH.id });
      await storage.forgetBatch({ id: BATCH.id });
      expect(await storage.getBatch({ id: BATCH.id })).toBeNull();
      expect(await storage.listBatches({ watched: true, limit: 3 })).toEqual({ batches: [], next: null });
      expect(await footprint()).toBe(before);
    });
  });

  describe("batchCounts", () => {
    test("counts the batch's jobs by status, zeros included", async () => {
      const { storage, make } = await setup();
      expect(await storage.batchCounts({ batchId: "batch_1" })).toEqual(NONE);
      for (const [n, status] of JOB_STATUSES.entries()) {
        for (let made = 0; made <= n; made++) await make.inStatus(status, { batchId: "batch_1" });
        await make.inStatus(status, { batchId: "batch_2" });
        await make.inStatus(status);
      }
      const counted = { queued: 1, started: 2, finished: 3, failed: 4, cancelled: 5 };
      expect(await storage.batchCounts({ batchId: "batch_1" })).toEqual(counted);
    });

    test("of thousands, among others and in several queues", async () => {
      const { storage, make } = await setup();
      const jobs = Array.from({ length: 5_000 }, (_, n) => ({
        batchId: `batch_${n % 2}`,
        queue: `pinned_r${n % 7}`,
      }));
      await make.queuedAll(jobs);
      expect(await storage.batchCounts({ batchId: "batch_1" })).toEqual({ ...NONE, queued: 2_500 });
      await storage.cancelQueued({ op: make.op(), filter: { batchId: "batch_1", queue: "pinned_r3" } });
      const { queued, cancelled } = await storage.batchCounts({ batchId: "batch_1" });
      expect(cancelled).toBeGreaterThan(300);
      expect(queued + cancelled).toBe(2_500);
    });
  });

  describe("releaseHeld", () => {
    const held = { batchId: "batch_1", runAt: HELD, ttlMs: MINUTE };

    test("a held job is not given out, and is as soon as it is released", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      const [first, second] = await make.queuedAll([held, held]);
      expect(await make.claim(worker)).toBeNull();
      expect(await storage.releaseHeld({ batchId: "batch_1" })).toEqual({ released: 2 });
      const { job } = await make.mustClaim(worker);
      expect(job.id).toBe(first?.id ?? "");
      expect(await storage.waits({ ids: [second?.id ?? ""] })).toMatchObject([{ ahead: 0, startsAt: null }]);
    });

    test("its TTL begins when it is released", async () => {
      const { storage, make } = await setup();
      const job = await make.queued(held);
      await storage.releaseHeld({ batchId: "batch_1", now: T0 + 10 * MINUTE });
      const [released] = await storage.get({ ids: [job.id] });
      expect(released).toEqual({ ...job, expiresAt: T0 + 11 * MINUTE });
    });

    test("without a TTL it has none then", async () => {
      const { storage, make } = await setup();
      const { id } = await make.queued({ ...held, ttlMs: null });
      await storage.releaseHeld({ batchId: "batch_1" });
      expect(await storage.get({ ids: [id] })).toMatchObject([{ status: "queued", expiresAt: null }]);
    });

    test("touches nothing else: another batch, another moment, a job that was cancelled", async () => {
      const { storage, make } = await setup();
      const others = await make.queuedAll([
        { ...held, batchId: "batch_2" },
        { ...held, runAt: T0 + MINUTE },
        { ...held, runAt: null },
      ]);
      const { id } = await make.queued(held);
      await storage.cancel({ op: make.op(), id, abort: false, now: T0 });
      expect(await storage.releaseHeld({ batchId: "batch_1", now: T0 })).toEqual({ released: 0 });
      expect(await storage.get({ ids: others.map((job) => job.id) })).toEqual(others);
      expect(await storage.get({ ids: [id] })).toMatchObject([{ status: "cancelled" }]);
    });

    test("releases thousands, in many queues, once", async () => {
      const { storage, connect, make } = await setup();
      const other = await connect();
      const jobs = Array.from({ length: 1_500 }, (_, n) => ({ ...held, queue: `pinned_r${n % 50}` }));
      await make.queuedAll(jobs);
      const both = await Promise.all(
        [storage, other].map((store) => store.releaseHeld({ batchId: "batch_1" })),
      );
      expect(both.reduce((sum, { released }) => sum + released, 0)).toBe(1_500);
      const due = await storage.queues();
      expect(due.map(({ depth, dueInMs }) => [depth, dueInMs])).toEqual(due.map(() => [30, null]));
      expect(due).toHaveLength(50);
    });

    test("says that the queue has work", async () => {
      const { storage, make } = await setup();
      await make.queued({ ...held, queue: "pinned_r1" });
      const { promise, resolve } = Promise.withResolvers<Hint>();
      const stop = storage.subscribe((hint) => {
        // That of the enqueue, which may come late, says in how long.
        if (hint.kind === "queued" && hint.inMs === undefined) resolve(hint);
      });
      await storage.releaseHeld({ batchId: "batch_1" });
      expect(await promise).toEqual({ kind: "queued", queue: "pinned_r1" });
      stop();
    });
  });
}
