import { describe, expect, test } from "bun:test";
import { JOB_STATUSES } from "../../../src/core/job.ts";
import { released, retryLater } from "../../../src/storage/storage.ts";
import { DEVICE_AWAY, EXPIRED, HOUR, LOST, MINUTE, SECOND, T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

const NONE = { queued: 0, started: 0, finished: 0, failed: 0, cancelled: 0 };

export function countsConformance(setup: Setup): void {
  describe("counts", () => {
    test("names every status, zeros included", async () => {
      const { storage } = await setup();
      expect(await storage.counts()).toEqual(NONE);
    });

    test("counts each status", async () => {
      const { storage, make } = await setup();
      for (const [n, status] of JOB_STATUSES.entries()) {
        for (let made = 0; made <= n; made++) await make.inStatus(status);
      }
      expect(await storage.counts()).toEqual({ queued: 1, started: 2, finished: 3, failed: 4, cancelled: 5 });
    });

    test("follows every way back and out", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      await make.settle((await make.started({}, worker)).token, released());
      expect(await storage.counts()).toEqual({ ...NONE, queued: 1 });
      await make.settle((await make.mustClaim(worker)).token, retryLater(DEVICE_AWAY, 0));
      expect(await storage.counts()).toEqual({ ...NONE, failed: 1 });
      await make.started({ retries: 1 }, worker);
      await storage.reap({ leases: await storage.leases(), error: LOST, now: T0 });
      expect(await storage.counts()).toEqual({ ...NONE, queued: 1, failed: 1 });
      await make.queued({ ttlMs: 1 });
      await storage.expire({ max: 10, error: EXPIRED, now: T0 + SECOND });
      expect(await storage.counts()).toEqual({ ...NONE, queued: 1, failed: 2 });
      await storage.cancelQueued({ op: make.op(), filter: {}, now: T0 });
      expect(await storage.counts()).toEqual({ ...NONE, failed: 2, cancelled: 1 });
      await storage.prune({ max: 10, now: T0 + 2 * HOUR });
      expect(await storage.counts()).toEqual(NONE);
    });
  });

  describe("queues", () => {
    test("are those with queued jobs, with depth and age", async () => {
      const { storage, make } = await setup();
      await make.queued({ queue: "pinned_a" }, T0 + MINUTE);
      await make.queued({ queue: "pinned_a", priority: 5, lane: "b" }, T0 + SECOND);
      await make.queued({ queue: "pinned_b" }, T0 + 2 * SECOND);
      await make.started({ queue: "FifoQ" });
      const queues = (await storage.queues()).toSorted((a, b) => a.queue.localeCompare(b.queue));
      expect(queues).toEqual([
        { queue: "pinned_a", depth: 2, oldestAt: T0 + SECOND, dueInMs: null },
        { queue: "pinned_b", depth: 1, oldestAt: T0 + 2 * SECOND, dueInMs: null },
      ]);
    });

    test("count delayed and expired jobs, which are queued as well", async () => {
      const { storage, make } = await setup();
      await make.queuedAll([{ runAt: T0 + HOUR }, { ttlMs: 1 }, {}]);
      await make.claim(await make.worker(), T0 + SECOND);
      expect(await storage.queues()).toMatchObject([{ queue: "FifoQ", depth: 2, oldestAt: T0 }]);
    });

    test("a job that went back counts from then on", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started({ queue: "FifoQ", retries: 1 });
      await make.settle(token, retryLater(DEVICE_AWAY, MINUTE), { now: T0 + SECOND });
      expect(await storage.queues()).toMatchObject([{ queue: "FifoQ", depth: 1, oldestAt: T0 + SECOND }]);
    });

    test("tell how long until the first of their delayed jobs may start", async () => {
      const { storage, make } = await setup();
      const dueIn = async (now: number) => (await storage.queues({ now })).map(({ dueInMs }) => dueInMs);
      await make.queued();
      expect(await dueIn(T0)).toEqual([null]);
      await make.queuedAll([{ runAt: T0 + HOUR }, { runAt: T0 + MINUTE, priority: 9, lane: "b" }]);
      expect(await dueIn(T0)).toEqual([MINUTE]);
      expect(await dueIn(T0 + SECOND)).toEqual([MINUTE - SECOND]);
      expect(await dueIn(T0 + 2 * MINUTE)).toEqual([0]);
      const worker = await make.worker();
      await make.claim(worker, T0 + 2 * MINUTE);
      expect(await dueIn(T0 + 2 * MINUTE)).toEqual([HOUR - 2 * MINUTE]);
    });

    test("tell it also of a retry", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started({ retries: 1 });
      await make.settle(token, retryLater(DEVICE_AWAY, MINUTE), { now: T0 });
      expect(await storage.queues({ now: T0 + SECOND })).toMatchObject([{ dueInMs: MINUTE - SECOND }]);
    });
  });
}
