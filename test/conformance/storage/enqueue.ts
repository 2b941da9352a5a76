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

  describe("enqueue with an idempotency key", () => {
    const key = { scope: "alice", key: "order-1", fingerprint: "body-1" };

    test("a repeat with the same body gets the first job", async () => {
      const { storage, make } = await setup();
      const first = await make.queued({ idempotency: key });
      const repeat = await storage.enqueue({ jobs: [make.newJob({ idempotency: key })], now: T0 + SECOND });
      expect(repeat).toEqual({ outcome: "duplicate", jobs: [first] });
      expect((await storage.counts()).queued).toBe(1);
    });

    test("a repeat with another body stores nothing", async () => {
      const { storage, make } = await setup();
      await make.queued({ idempotency: key });
      const other = make.newJob({ idempotency: { ...key, fingerprint: "body-2" } });
      expect(await storage.enqueue({ jobs: [make.newJob(), other] })).toEqual({ outcome: "mismatch" });
      expect((await storage.counts()).queued).toBe(1);
    });

    test("the same key in another scope is another key", async () => {
      const { storage, make } = await setup();
      await make.queued({ idempotency: key });
      const other = make.newJob({ idempotency: { ...key, scope: "bob", fingerprint: "body-2" } });
      expect(await storage.enqueue({ jobs: [other] })).toMatchObject({ outcome: "stored" });
    });

    test("a repeat of the very same call is no duplicate of itself", async () => {
      const { storage, make } = await setup();
      const jobs = [make.newJob({ idempotency: key }), make.newJob({ idempotency: key })];
      const first = await storage.enqueue({ jobs, now: T0 });
      expect(await storage.enqueue({ jobs, now: T0 + SECOND })).toEqual(first);
    });

    test("several jobs under one key come back together", async () => {
      const { storage, make } = await setup();
      const jobs = await make.queuedAll([{ idempotency: key }, { idempotency: key }]);
      const repeat = await storage.enqueue({ jobs: [make.newJob({ idempotency: key })] });
      expect(repeat).toEqual({ outcome: "duplicate", jobs });
    });

    test("of two at once, one is stored", async () => {
      const { storage, connect, make } = await setup();
      const other = await connect();
      const one = make.newJob({ idempotency: key });
      const two = make.newJob({ idempotency: key });
      const both = await Promise.all([storage.enqueue({ jobs: [one] }), other.enqueue({ jobs: [two] })]);
      expect(both.map(({ outcome }) => outcome).toSorted()).toEqual(["duplicate", "stored"]);
      expect((await storage.counts()).queued).toBe(1);
    });

    test("a forgotten job frees its key", async () => {
      const { storage, make } = await setup();
      await make.inStatus("cancelled", { idempotency: key, resultTtlMs: 0 });
      await storage.prune({ max: 10, now: T0 + HOUR });
      const again = make.newJob({ idempotency: { ...key, fingerprint: "body-2" } });
      expect(await storage.enqueue({ jobs: [again] })).toMatchObject({ outcome: "stored" });
    });
  });
}
