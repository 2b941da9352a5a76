import { describe, expect, test } from "bun:test";
import { ABORTED, type Lease, released, retryLater, succeeded } from "../../../src/storage/storage.ts";
import { bytes, EXPIRED, HOUR, LOST, MINUTE, SECOND, T0 } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";

export function reapConformance(setup: Setup): void {
  describe("reap", () => {
    test("fails a run that may not be repeated, with the output so far", async () => {
      const { storage, make } = await setup();
      const { token, job } = await make.started();
      await storage.appendOutput({ token, offset: 0, bytes: bytes("so far") });
      const leases = await storage.leases();
      expect(await storage.reap({ leases, error: LOST, now: T0 + MINUTE })).toEqual(["failed"]);
      expect(await storage.get({ ids: [token.id] })).toEqual([
        { ...job, status: "failed", endedAt: T0 + MINUTE, result: { type: "stopped", error: LOST } },
      ]);
      expect(await storage.outputs({ ids: [token.id] })).toEqual(["so far"]);
      expect(await storage.leases()).toEqual([]);
    });

    test("requeues one that may, until its attempts are used up", async () => {
      const { storage, make } = await setup();
      const { token, job } = await make.started({ retries: 1, ttlMs: MINUTE });
      const now = T0 + HOUR;
      expect(await storage.reap({ leases: await storage.leases(), error: LOST, now })).toEqual(["requeued"]);
      expect(await storage.get({ ids: [token.id] })).toEqual([
        { ...job, status: "queued", enqueuedAt: now, startedAt: null, expiresAt: now + MINUTE },
      ]);
      await make.mustClaim(await make.worker({ queue: job.queue, kind: "fifo" }), now);
      expect(await storage.reap({ leases: await storage.leases(), error: LOST, now })).toEqual(["failed"]);
    });

    test("leaves a run alone that was renewed meanwhile", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started();
      const leases = await storage.leases();
      const { name: node, incarnation } = await make.node();
      await storage.heartbeat({ node, incarnation, runs: [token], workers: [], hostMemory: {} });
      expect(await storage.reap({ leases, error: LOST })).toEqual(["alive"]);
      expect(await storage.counts()).toMatchObject({ started: 1 });
    });

    test("does nothing to a run that has ended, was reaped, or is another by now", async () => {
      const { storage, make } = await setup();
      const { job } = await make.started({ retries: 9 });
      const leases = await storage.leases();
      await storage.reap({ leases, error: LOST });
      expect(await storage.reap({ leases, error: LOST })).toEqual(["gone"]);
      await make.mustClaim(await make.worker({ queue: job.queue, kind: "fifo" }));
      expect(await storage.reap({ leases, error: LOST })).toEqual(["gone"]);
      const unknown: Lease = {
        token: { id: "job_x", run: 1, nonce: "n" },
        node: "n",
        worker: "w",
        renewal: 1,
      };
      expect(await storage.reap({ leases: [unknown], error: LOST })).toEqual(["gone"]);
    });

    test("answers for each lease, in order", async () => {
      const { storage, make } = await setup();
      const once = await make.started();
      await make.started({ retries: 1 });
      const all = await storage.leases();
      const first = all.find(({ token }) => token.id === once.token.id);
      const second = all.find(({ token }) => token.id !== once.token.id);
      if (!first || !second) throw new Error("two leases were expected");
      const leases = [second, first, second];
      expect(await storage.reap({ leases, error: LOST })).toEqual(["requeued", "failed", "gone"]);
    });

    test("fails a run whose abort was asked for, also one that may be repeated", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started({ retries: 9 });
      await storage.cancel({ op: make.op(), id: token.id, abort: true });
      expect(await storage.reap({ leases: await storage.leases(), error: LOST })).toEqual(["failed"]);
      expect(await storage.get({ ids: [token.id] })).toMatchObject([
        { result: { type: "stopped", error: ABORTED } },
      ]);
    });

    test("frees the pinned queue and the worker", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker({ queue: "pinned_a" });
      await make.started({}, worker);
      const { id } = await make.queued({ queue: "pinned_a" });
      await storage.reap({ leases: await storage.leases(), error: LOST });
      expect((await make.mustClaim(worker)).token.id).toBe(id);
    });

    test("by many at once reaps each run once", async () => {
      const { storage, connect, make } = await setup();
      for (let n = 0; n < 5; n++) await make.started({ retries: 1 });
      const leases = await storage.leases();
      const stores = [storage, await connect(), await connect()];
      const answers = await Promise.all(stores.map((store) => store.reap({ leases, error: LOST })));
      expect(answers.flat().filter((outcome) => outcome === "requeued")).toHaveLength(5);
      expect((await storage.counts()).queued).toBe(5);
    });
  });

  describe("expire", () => {
    test("fails queued jobs whose TTL has run out, and no other", async () => {
      const { storage, make } = await setup();
      const stale = await make.queued({ ttlMs: SECOND });
      await make.queued({ ttlMs: 2 * SECOND });
      await make.queued({ ttlMs: null });
      await make.started({ ttlMs: SECOND });
      const now = T0 + SECOND;
      expect(await expire({ storage }, 10, now)).toEqual([stale.id]);
      expect(await storage.get({ ids: [stale.id] })).toEqual([
        { ...stale, status: "failed", endedAt: now, result: { type: "failed", error: EXPIRED } },
      ]);
      expect(await storage.counts()).toMatchObject({ queued: 2, started: 1, failed: 1 });
    });

    test("takes the oldest first, at most so many", async () => {
      const { storage, make } = await setup();
      const [third, first, second] = await make.queuedAll([{ ttlMs: 30 }, { ttlMs: 10 }, { ttlMs: 20 }]);
      expect(await expire({ storage }, 2)).toEqual([first?.id ?? "", second?.id ?? ""]);
      expect(await expire({ storage }, 2)).toEqual([third?.id ?? ""]);
      expect(await expire({ storage }, 2)).toEqual([]);
    });

    test("takes thousands", async () => {
      const { storage, make } = await setup();
      await make.queuedAll(Array.from({ length: 1_500 }, () => ({ ttlMs: 1 })));
      expect(await expire({ storage }, 1_200)).toHaveLength(1_200);
      expect(await expire({ storage }, 1_200)).toHaveLength(300);
      expect(await storage.queues()).toEqual([]);
    });

    test("takes just what a claim would pass over, from the same millisecond on", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      const job = await make.queued({ ttlMs: SECOND });
      expect(job.expiresAt).toBe(T0 + SECOND);
      expect(await expire({ storage }, 10, T0 + SECOND - 1)).toEqual([]);
      const { token } = await make.mustClaim(worker, T0 + SECOND - 1);
      await make.settle(token, released(), { now: T0 + SECOND - 1 });
      expect(await make.claim(worker, T0 + SECOND)).toBeNull();
      expect(await expire({ storage }, 10, T0 + SECOND)).toEqual([job.id]);
    });

    test("gives a retry a whole new stay, and a job that was handed back none", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      const [retried, back] = await make.queuedAll([{ ttlMs: MINUTE, retries: 1 }, { ttlMs: MINUTE }]);
      const first = await make.mustClaim(worker);
      await make.settle(first.token, retryLater(LOST, SECOND), { now: T0 + MINUTE });
      const second = await make.mustClaim(worker);
      await make.settle(second.token, released(), { now: T0 + MINUTE });
      expect([first.token.id, second.token.id]).toEqual([retried?.id ?? "", back?.id ?? ""]);
      expect(await expire({ storage }, 10, T0 + MINUTE)).toEqual([back?.id ?? ""]);
      expect(await expire({ storage }, 10, T0 + 2 * MINUTE + SECOND - 1)).toEqual([]);
      expect(await expire({ storage }, 10, T0 + 2 * MINUTE + SECOND)).toEqual([retried?.id ?? ""]);
    });

    test("does not touch a job whose TTL runs out while it runs", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started({ ttlMs: SECOND });
      expect(await expire({ storage }, 10)).toEqual([]);
      expect(await make.settle(token, succeeded(), { now: T0 + HOUR })).toBe("ok");
    });

    test("by two at once takes each job once", async () => {
      const { storage, connect, make } = await setup();
      const other = await connect();
      const jobs = await make.queuedAll(Array.from({ length: 300 }, (_, n) => ({ ttlMs: n % 7 })));
      const both = await Promise.all([expire({ storage }, 500), expire({ storage: other }, 500)]);
      const ids = both.flat();
      expect(ids).toHaveLength(300);
      expect(new Set(ids)).toEqual(new Set(jobs.map(({ id }) => id)));
    });

    test("also takes those that claims have passed over, and delayed ones", async () => {
      const { storage, make } = await setup();
      const passed = await make.queued({ ttlMs: 1 });
      expect(await make.claim(await make.worker(), T0 + SECOND)).toBeNull();
      const delayed = await make.queued({ runAt: T0 + SECOND, ttlMs: SECOND });
      expect(await expire({ storage }, 10, T0 + 2 * SECOND)).toEqual([passed.id, delayed.id]);
    });
  });
}

async function expire({ storage }: Pick<Fixture, "storage">, max: number, now = T0 + HOUR) {
  return (await storage.expire({ max, error: EXPIRED, now })).ids;
}
