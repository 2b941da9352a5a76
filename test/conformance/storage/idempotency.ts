import { describe, expect, test } from "bun:test";
import type { EnqueueResult } from "../../../src/storage/storage.ts";
import { HOUR, SECOND, T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";
import { ENDS, WAYS } from "./ways.ts";

const KEY = { scope: "alice", key: "order-1", fingerprint: "body-1" };
const OTHER_BODY = { ...KEY, fingerprint: "body-2" };

export function idempotencyConformance(setup: Setup): void {
  describe("enqueue with an idempotency key", () => {
    test("a repeat with the same body gets the first job", async () => {
      const { storage, make } = await setup();
      const first = await make.queued({ idempotency: KEY });
      const repeat = await storage.enqueue({ jobs: [make.newJob({ idempotency: KEY })], now: T0 + SECOND });
      expect(repeat).toEqual({ outcome: "duplicate", jobs: [first] });
      expect((await storage.counts()).queued).toBe(1);
    });

    test("a repeat with another body stores nothing", async () => {
      const { storage, make } = await setup();
      await make.queued({ idempotency: KEY });
      const other = make.newJob({ idempotency: OTHER_BODY });
      expect(await storage.enqueue({ jobs: [make.newJob(), other] })).toEqual({ outcome: "mismatch" });
      expect((await storage.counts()).queued).toBe(1);
    });

    test("the same key in another scope is another key", async () => {
      const { storage, make } = await setup();
      await make.queued({ idempotency: KEY });
      const other = make.newJob({ idempotency: { ...OTHER_BODY, scope: "bob" } });
      expect(await storage.enqueue({ jobs: [other] })).toMatchObject({ outcome: "stored" });
    });

    test("the same key for any other queue is the same key", async () => {
      const { storage, make } = await setup();
      const first = await make.queued({ queue: "pinned_a", idempotency: KEY });
      for (const queue of ["pinned_b", "pinned_c", "pinned_d", "FifoQ"]) {
        const other = make.newJob({ queue, idempotency: OTHER_BODY });
        expect(await storage.enqueue({ jobs: [other] })).toEqual({ outcome: "mismatch" });
        const same = make.newJob({ queue, idempotency: KEY });
        expect(await storage.enqueue({ jobs: [same] })).toEqual({ outcome: "duplicate", jobs: [first] });
      }
      expect(await storage.counts()).toMatchObject({ queued: 1 });
    });

    test("a repeat of the very same call is no duplicate of itself", async () => {
      const { storage, make } = await setup();
      const jobs = [make.newJob({ idempotency: KEY }), make.newJob({ idempotency: KEY })];
      const first = await storage.enqueue({ jobs, now: T0 });
      expect(await storage.enqueue({ jobs, now: T0 + SECOND })).toEqual(first);
    });

    test("several jobs under one key come back together", async () => {
      const { storage, make } = await setup();
      const jobs = await make.queuedAll([{ idempotency: KEY }, { idempotency: KEY }]);
      const repeat = await storage.enqueue({ jobs: [make.newJob({ idempotency: KEY })] });
      expect(repeat).toEqual({ outcome: "duplicate", jobs });
    });

    test("a repeat of a batch for many queues gets all of its jobs", async () => {
      const { storage, make } = await setup();
      const batch = () =>
        Array.from({ length: 12 }, (_, n) => make.newJob({ queue: `pinned_${n}`, idempotency: KEY }));
      const first = await storage.enqueue({ jobs: batch(), now: T0 });
      if (first.outcome !== "stored") throw new Error(first.outcome);
      const repeat = await storage.enqueue({ jobs: batch(), now: T0 });
      expect(sortedIds(repeat)).toEqual(sortedIds(first));
      expect(repeat.outcome).toBe("duplicate");
      const another = batch().map((job) => ({ ...job, idempotency: OTHER_BODY }));
      expect(await storage.enqueue({ jobs: another })).toEqual({ outcome: "mismatch" });
      expect(await storage.counts()).toMatchObject({ queued: 12 });
    });

    test("batches whose jobs have keys of their own are stored, and each key is held", async () => {
      const { storage, make } = await setup();
      const keyed = (n: number, fingerprint: string) =>
        make.newJob({
          queue: `pinned_${n}`,
          idempotency: { scope: "alice", key: `order-${n}`, fingerprint },
        });
      const jobs = await make.queuedAll([0, 1, 2].map((n) => keyed(n, "body")));
      for (const [n, job] of jobs.entries()) {
        expect(await storage.enqueue({ jobs: [keyed(n, "body")] })).toEqual({
          outcome: "duplicate",
          jobs: [job],
        });
        expect(await storage.enqueue({ jobs: [keyed(n, "another")] })).toEqual({ outcome: "mismatch" });
      }
      const withOneWrong = [keyed(7, "body"), keyed(1, "another"), keyed(8, "body")];
      expect(await storage.enqueue({ jobs: withOneWrong })).toEqual({ outcome: "mismatch" });
      expect(await storage.counts()).toMatchObject({ queued: 3 });
      // Nothing of the refused batch is there: its other keys are free.
      expect(await storage.enqueue({ jobs: [keyed(7, "free")] })).toMatchObject({ outcome: "stored" });
    });

    test.each(WAYS)("holds its key while the job is $status $way", async ({ take }) => {
      const fixture = await setup();
      const { storage, make } = fixture;
      const id = await take(fixture, { idempotency: KEY });
      const jobs = await storage.get({ ids: [id] });
      const [job] = jobs;
      const again = { queue: job?.queue ?? "", idempotency: KEY };
      expect(await storage.enqueue({ jobs: [make.newJob(again)] })).toEqual({
        outcome: "duplicate",
        jobs,
      } as EnqueueResult);
      const other = make.newJob({ ...again, idempotency: OTHER_BODY });
      expect(await storage.enqueue({ jobs: [other] })).toEqual({ outcome: "mismatch" });
    });

    test.each(ENDS)("frees its key when a job that $status $way is forgotten", async ({ take }) => {
      const fixture = await setup();
      const { storage, make } = fixture;
      await take(fixture, { idempotency: KEY, resultTtlMs: 0 });
      expect(await storage.prune({ max: 10, now: T0 + HOUR })).toEqual({ pruned: 1 });
      const again = make.newJob({ idempotency: OTHER_BODY });
      expect(await storage.enqueue({ jobs: [again] })).toMatchObject({ outcome: "stored" });
      const repeat = make.newJob({ idempotency: OTHER_BODY });
      expect(await storage.enqueue({ jobs: [repeat] })).toMatchObject({ outcome: "duplicate" });
    });
  });

  describe("many calls with one idempotency key at once", () => {
    test("store one job, and all get it", async () => {
      const { storage, connect, make } = await setup();
      const stores = [storage, await connect(), await connect()];
      const results = await Promise.all(
        Array.from({ length: 24 }, (_, n) =>
          (stores[n % 3] ?? storage).enqueue({ jobs: [make.newJob({ idempotency: KEY })], now: T0 }),
        ),
      );
      expect(results.filter(({ outcome }) => outcome === "stored")).toHaveLength(1);
      expect(results.filter(({ outcome }) => outcome === "duplicate")).toHaveLength(23);
      expect(new Set(results.flatMap(sortedIds)).size).toBe(1);
      expect((await storage.counts()).queued).toBe(1);
    });

    test("for different queues and with different bodies store one job, and all others are refused", async () => {
      const { storage, connect, make } = await setup();
      const stores = [storage, await connect(), await connect()];
      for (let round = 0; round < 10; round++) {
        const key = `order-${round}`;
        const results = await Promise.all(
          stores.map((store, n) => {
            const idempotency = { scope: "alice", key, fingerprint: `body-${n}` };
            return store.enqueue({ jobs: [make.newJob({ queue: `pinned_${n}`, idempotency })], now: T0 });
          }),
        );
        expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(["mismatch", "mismatch", "stored"]);
      }
      expect((await storage.counts()).queued).toBe(10);
    });

    test("store one batch, whole, and all get it", async () => {
      const { storage, connect, make } = await setup();
      const stores = [storage, await connect(), await connect()];
      for (let round = 0; round < 5; round++) {
        const idempotency = { ...KEY, key: `order-${round}` };
        const results = await Promise.all(
          stores.map((store) => {
            const jobs = [0, 1, 2, 3].map((n) => make.newJob({ queue: `pinned_${n}`, idempotency }));
            return store.enqueue({ jobs, now: T0 });
          }),
        );
        const outcomes = results.map(({ outcome }) => outcome).toSorted();
        expect(outcomes).toEqual(["duplicate", "duplicate", "stored"]);
        const [one, ...others] = results.map(sortedIds);
        expect(one).toHaveLength(4);
        for (const other of others) expect(other).toEqual(one ?? []);
      }
      expect((await storage.counts()).queued).toBe(20);
    });
  });
}

function sortedIds(result: EnqueueResult): string[] {
  return result.outcome === "mismatch" ? [] : result.jobs.map(({ id }) => id).toSorted();
}
