import { describe, expect, test } from "bun:test";
import { HOUR, MINUTE, SECOND, T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

export function enqueueConformance(setup: Setup): void {
  describe("enqueue", () => {
    test("stores a job as queued, with everything it was given", async () => {
      const { storage, make } = await setup();
      const job = make.newJob({
        queue: "pinned_berlin/10.0.0.9",
        driver: "linux",
        host: "10.0.0.9",
        site: "berlin",
        batchId: "batch_1",
        command: ['show "quoted"', "show ünïcode"],
        retvalShape: "map",
        priority: 5,
        ttlMs: MINUTE,
        createdAt: T0 - SECOND,
      });
      const result = await storage.enqueue({ jobs: [job], now: T0 });
      const stored = {
        id: job.id,
        status: "queued",
        queue: "pinned_berlin/10.0.0.9",
        driver: "linux",
        host: "10.0.0.9",
        site: "berlin",
        node: null,
        worker: null,
        batchId: "batch_1",
        command: ['show "quoted"', "show ünïcode"],
        retvalShape: "map",
        priority: 5,
        attempts: 0,
        createdAt: T0 - SECOND,
        enqueuedAt: T0,
        startedAt: null,
        endedAt: null,
        expiresAt: T0 + MINUTE,
        result: null,
      };
      expect(result).toEqual({ outcome: "stored", jobs: [{ ...stored, seq: expect.any(Number) }] as never });
      expect(await storage.get({ ids: [job.id] })).toMatchObject([stored]);
    });

    test("a TTL counts from the moment the job may start; without one it never expires", async () => {
      const { make } = await setup();
      expect((await make.queued({ ttlMs: null })).expiresAt).toBeNull();
      expect((await make.queued({ ttlMs: MINUTE, runAt: T0 + HOUR })).expiresAt).toBe(T0 + HOUR + MINUTE);
      expect((await make.queued({ ttlMs: MINUTE, runAt: T0 - HOUR })).expiresAt).toBe(T0 + MINUTE);
    });

    test("keeps the order given, and numbers it upwards", async () => {
      const { storage, make } = await setup();
      const jobs = Array.from({ length: 50 }, () => make.newJob());
      const result = await storage.enqueue({ jobs, now: T0 });
      if (result.outcome !== "stored") throw new Error(result.outcome);
      expect(result.jobs.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id));
      const seqs = result.jobs.map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
      expect(new Set(seqs).size).toBe(50);
    });

    test("never gives a number twice, also when the newest job was forgotten", async () => {
      const { storage, make } = await setup();
      const made = await make.inStatus("cancelled", { resultTtlMs: 0 });
      const [old] = await storage.get({ ids: [made.id] });
      await storage.prune({ max: 10, now: T0 + HOUR });
      expect((await make.queued()).seq).toBeGreaterThan(old?.seq ?? Number.NaN);
    });

    test("of nothing stores nothing", async () => {
      const { storage } = await setup();
      expect(await storage.enqueue({ jobs: [] })).toEqual({ outcome: "stored", jobs: [] });
    });

    test("of a job that is there already returns it as it is now", async () => {
      const { storage, make } = await setup();
      const job = make.newJob();
      await storage.enqueue({ jobs: [job], now: T0 });
      const worker = await make.worker();
      await make.mustClaim(worker, T0 + SECOND);
      const again = await storage.enqueue({ jobs: [job, make.newJob()], now: T0 + MINUTE });
      expect(again).toMatchObject({ outcome: "stored", jobs: [{ id: job.id, status: "started" }, {}] });
      expect(await storage.counts()).toMatchObject({ queued: 1, started: 1 });
    });

    test("many calls at once all get stored, each once", async () => {
      const { storage, connect, make } = await setup();
      const stores = [storage, await connect()];
      const jobs = Array.from({ length: 100 }, () => make.newJob());
      await Promise.all(jobs.map((job, n) => (stores[n % 2] ?? storage).enqueue({ jobs: [job], now: T0 })));
      expect((await storage.counts()).queued).toBe(100);
      const { jobs: listed } = await storage.list({ filter: {}, order: "asc", limit: 200 });
      expect(new Set(listed.map(({ seq }) => seq)).size).toBe(100);
    });
  });
}
