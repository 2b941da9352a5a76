import { describe, expect, test } from "bun:test";
import { FINAL_STATUSES } from "../../../src/core/job.ts";
import { released, succeeded } from "../../../src/storage/storage.ts";
import { bytes, HOUR, MINUTE, SECOND, T0 } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";
import { ENDS } from "./ways.ts";

export function pruneConformance(setup: Setup): void {
  describe("prune", () => {
    test.each([...FINAL_STATUSES])("forgets a %s job when its retention has run out", async (status) => {
      const { storage, make } = await setup();
      const { id } = await make.inStatus(status, { resultTtlMs: MINUTE }, T0);
      expect(await storage.prune({ max: 10, now: T0 + MINUTE - 1 })).toEqual({ pruned: 0 });
      expect(await storage.get({ ids: [id] })).toMatchObject([{ status }]);
      expect(await storage.prune({ max: 10, now: T0 + MINUTE })).toEqual({ pruned: 1 });
      expect(await storage.get({ ids: [id] })).toEqual([null]);
      expect(await storage.outputs({ ids: [id] })).toEqual([""]);
      expect(await storage.list({ filter: {}, order: "desc", limit: 10 })).toEqual({ jobs: [], next: null });
    });

    test.each(["queued", "started"] as const)("never forgets a %s job", async (status) => {
      const { storage, make } = await setup();
      const { id } = await make.inStatus(status, { resultTtlMs: 0 });
      expect(await storage.prune({ max: 10, now: T0 + 1_000 * HOUR })).toEqual({ pruned: 0 });
      expect(await storage.get({ ids: [id] })).toMatchObject([{ status }]);
    });

    test("takes at most so many, the longest due first", async () => {
      const { storage, make } = await setup();
      const late = await make.inStatus("cancelled", { resultTtlMs: 2 * MINUTE });
      const early = await make.inStatus("cancelled", { resultTtlMs: MINUTE });
      expect(await storage.prune({ max: 1, now: T0 + HOUR })).toEqual({ pruned: 1 });
      expect(await storage.get({ ids: [early.id, late.id] })).toMatchObject([null, { id: late.id }]);
    });

    test("takes thousands", async () => {
      const { storage, make } = await setup();
      await make.queuedAll(Array.from({ length: 1_100 }, () => ({ resultTtlMs: 0 })));
      await storage.cancelQueued({ op: make.op(), filter: {}, now: T0 });
      expect(await storage.prune({ max: 1_000, now: T0 + SECOND })).toEqual({ pruned: 1_000 });
      expect(await storage.prune({ max: 1_000, now: T0 + SECOND })).toEqual({ pruned: 100 });
    });

    test.each(ENDS)("leaves nothing of a job behind that $status $way", async ({ take }) => {
      const fixture = await setup();
      const { storage, make, footprint } = fixture;
      const empty = await footprint();
      const key = { scope: "alice", key: "key", fingerprint: "body" };
      const id = await take(fixture, {
        resultTtlMs: 0,
        lane: "its own lane",
        priority: 3,
        driver: "its own driver",
        host: "its own host",
        site: "its own site",
        batchId: "batch_1",
        idempotency: key,
        createdAt: T0 + HOUR,
      });
      expect(await storage.list({ filter: { batchId: "batch_1" }, order: "asc", limit: 2 })).toMatchObject({
        jobs: [{ id }],
      });
      await clearFleet(fixture);
      // Also the answers given under operation ids, which are kept by the store's own clock.
      expect(await storage.prune({ max: 10, now: Date.now() + HOUR })).toEqual({ pruned: 1 });
      expect(await footprint()).toBe(empty);
      const again = make.newJob({ idempotency: { ...key, fingerprint: "another body" } });
      expect(await storage.enqueue({ jobs: [again] })).toMatchObject({ outcome: "stored" });
    });

    test("by two at once takes each job once", async () => {
      const { storage, connect, make } = await setup();
      const other = await connect();
      await make.queuedAll(Array.from({ length: 300 }, () => ({ resultTtlMs: 0 })));
      await storage.cancelQueued({ op: make.op(), filter: {}, now: T0 });
      const both = await Promise.all([storage, other].map((store) => store.prune({ max: 500, now: T0 })));
      expect(both.reduce((sum, { pruned }) => sum + pruned, 0)).toBe(300);
      expect(await storage.counts()).toMatchObject({ cancelled: 0 });
    });

    test("leaves nothing of a job behind that ran more than once", async () => {
      const { storage, make, footprint } = await setup();
      const worker = await make.worker();
      const empty = await footprint();
      const given = {
        resultTtlMs: 0,
        lane: "its own lane",
        priority: 3,
        batchId: "batch_1",
        idempotency: { scope: "alice", key: "key", fingerprint: "body" },
      };
      const { token } = await make.started(given, worker);
      await storage.appendOutput({ token, offset: 0, bytes: bytes("output") });
      await make.settle(token, released(), { tail: " more", tailOffset: 6 });
      const again = await make.mustClaim(worker);
      await make.settle(again.token, succeeded(), { tail: "output" });
      const dropped = await make.queued({ ...given, idempotency: null, runAt: T0 + HOUR });
      await storage.cancel({ op: make.op(), id: dropped.id, abort: false, now: T0 });
      await storage.prune({ max: 10, now: T0 + HOUR });
      expect(await footprint()).toBe(empty);
    });
  });

  describe("an ended job", () => {
    test("is kept for its own time, counted from its end", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started({ resultTtlMs: HOUR });
      await make.settle(token, succeeded(), { now: T0 + 5 * HOUR });
      expect(await storage.prune({ max: 10, now: T0 + 6 * HOUR - 1 })).toEqual({ pruned: 0 });
      expect(await storage.prune({ max: 10, now: T0 + 6 * HOUR })).toEqual({ pruned: 1 });
    });
  });
}

/** Takes all workers and nodes off the list. */
async function clearFleet({ storage }: Fixture): Promise<void> {
  const { workers } = await storage.listWorkers({ filter: {}, limit: 100 });
  for (const { name } of workers) await storage.endWorker({ name, as: "dead", now: T0 });
  await storage.pruneWorkers({ diedBefore: T0 + HOUR });
  for (const node of await storage.nodes()) await storage.removeNode(node);
}
