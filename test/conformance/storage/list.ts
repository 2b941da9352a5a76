import { describe, expect, test } from "bun:test";
import { JOB_STATUSES, type Job } from "../../../src/core/job.ts";
import type { JobFilter, NewJob, Storage } from "../../../src/storage/storage.ts";
import { HOUR, MINUTE, SECOND, T0 } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";

type Order = "asc" | "desc";

export function listConformance(setup: Setup): void {
  describe("get", () => {
    test("answers in the order of the ids, null where there is none", async () => {
      const { storage, make } = await setup();
      const [a, b] = await make.queuedAll([{}, {}]);
      if (!a || !b) throw new Error("two jobs were expected");
      expect(await storage.get({ ids: [b.id, "job_unknown", a.id, b.id] })).toEqual([b, null, a, b]);
      expect(await storage.get({ ids: [] })).toEqual([]);
    });
  });

  describe("list", () => {
    test("is newest first, or oldest first when asked", async () => {
      const { storage, make } = await setup();
      const jobs = await make.queuedAll(Array.from({ length: 5 }, () => ({})));
      expect(await all(storage, {}, "asc")).toEqual(jobs);
      expect(await all(storage, {}, "desc")).toEqual(jobs.toReversed());
    });

    test("shows a job as `get` does, in every status", async () => {
      const { storage, make } = await setup();
      const ids: string[] = [];
      for (const status of JOB_STATUSES) ids.push((await make.inStatus(status)).id);
      const jobs = (await storage.get({ ids })) as Job[];
      expect(await all(storage, {}, "asc")).toEqual(jobs.toSorted((a, b) => a.seq - b.seq));
    });

    test("of an empty store is empty", async () => {
      const { storage } = await setup();
      expect(await storage.list({ filter: {}, order: "desc", limit: 10 })).toEqual({ jobs: [], next: null });
    });

    test.each<Order>(["asc", "desc"])("pages without a gap or a repeat, %s", async (order) => {
      const { storage, make } = await setup();
      const jobs = await make.queuedAll(Array.from({ length: 23 }, () => ({})));
      const expected = order === "asc" ? jobs : jobs.toReversed();
      for (const limit of [1, 5, 22, 23, 24]) expect(await all(storage, {}, order, limit)).toEqual(expected);
    });

    test("says that a page is the last only when it is", async () => {
      const { storage, make } = await setup();
      const jobs = await make.queuedAll(Array.from({ length: 4 }, () => ({})));
      const page = (limit: number, after?: number) =>
        storage.list({ filter: {}, order: "asc", limit, ...(after === undefined ? {} : { after }) });
      expect((await page(4)).next).toBeNull();
      expect((await page(3)).next).toBe(jobs[2]?.seq ?? Number.NaN);
      expect(await page(3, jobs[2]?.seq)).toEqual({ jobs: jobs.slice(3), next: null });
    });

    test("is stable while jobs arrive and change", async () => {
      const { storage, make } = await setup();
      const jobs = await make.queuedAll(Array.from({ length: 6 }, () => ({})));
      const first = await storage.list({ filter: {}, order: "desc", limit: 3 });
      await make.queuedAll([{}, {}, {}]);
      await make.mustClaim(await make.worker());
      const rest = await storage.list({ filter: {}, order: "desc", limit: 3, after: first.next ?? 0 });
      const ids = [...first.jobs, ...rest.jobs].map(({ id }) => id);
      expect(ids).toEqual(jobs.toReversed().map(({ id }) => id));
    });
  });

  describe("a filter", () => {
    const jobs: Partial<NewJob>[] = [
      { queue: "pinned_a", host: "a", driver: "cli", batchId: "batch_1" },
      { queue: "pinned_a", host: "a", driver: "linux", batchId: null },
      { queue: "FifoQ", host: "a", driver: "cli", batchId: "batch_2" },
      { queue: "FifoQ", host: "b", driver: "cli", batchId: "batch_1" },
    ];

    test.each<[JobFilter, number[]]>([
      [{ queue: "pinned_a" }, [0, 1]],
      [{ host: "a" }, [0, 1, 2]],
      [{ driver: "cli" }, [0, 2, 3]],
      [{ batchId: "batch_1" }, [0, 3]],
      [{ queue: "FifoQ", host: "a" }, [2]],
      [{ queue: "pinned_a", driver: "linux" }, [1]],
      [{ host: "a", driver: "cli", batchId: "batch_1" }, [0]],
      [{ queue: "pinned_a", batchId: "batch_2" }, []],
      [{ queue: "nobody's" }, []],
      [{ status: "queued", host: "b" }, [3]],
      [{ status: "started" }, []],
    ])("%j finds just what it says", async (filter, expected) => {
      const { storage, make } = await setup();
      const stored = await make.queuedAll(jobs);
      const found = await all(storage, filter, "asc");
      const which = found.map(({ id }) => stored.findIndex((job) => job.id === id));
      expect(which.toSorted()).toEqual(expected);
    });

    test.each([...JOB_STATUSES])("by status %s", async (status) => {
      const { storage, make } = await setup();
      const ids = new Map<string, string>();
      for (const each of JOB_STATUSES) ids.set(each, (await make.inStatus(each)).id);
      const found = await all(storage, { status }, "desc");
      expect(found.map(({ id }) => id)).toEqual([ids.get(status) ?? ""]);
    });

    test("by node and worker finds their jobs, running and ended", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      const running = await make.started({}, worker);
      const ended = await make.inStatus("finished");
      await make.queued();
      expect(await idsOf(storage, { worker: worker.name })).toEqual([running.token.id]);
      expect(await idsOf(storage, { node: worker.node })).toEqual([running.token.id]);
      const [job] = await storage.get({ ids: [ended.id] });
      const by = { worker: job?.worker ?? "", node: job?.node ?? "" };
      expect(await idsOf(storage, { ...by, status: "finished" })).toEqual([ended.id]);
      expect(await idsOf(storage, { ...by, status: "failed" })).toEqual([]);
    });

    test("by time takes `since` in and leaves `until` out", async () => {
      const { storage, make } = await setup();
      const jobs = await make.queuedAll([0, 1, 2, 3].map((n) => ({ createdAt: T0 + n * SECOND })));
      const found = async (filter: JobFilter) =>
        (await idsOf(storage, filter)).map((id) => jobs.findIndex((job) => job.id === id));
      expect(await found({ since: T0 + SECOND })).toEqual([1, 2, 3]);
      expect(await found({ until: T0 + SECOND })).toEqual([0]);
      expect(await found({ since: T0 + SECOND, until: T0 + 3 * SECOND })).toEqual([1, 2]);
      expect(await found({ since: T0 + 4 * SECOND })).toEqual([]);
      expect(await found({ until: T0 })).toEqual([]);
      expect(await found({ since: T0 + SECOND, host: "10.0.0.1", status: "queued" })).toEqual([1, 2, 3]);
    });

    test("by time finds a job also when all that came with it were forgotten", async () => {
      const { storage, make } = await setup();
      for (let round = 0; round < 3; round++) {
        await make.inStatus("cancelled", { resultTtlMs: 0, createdAt: T0 - MINUTE });
        expect(await storage.prune({ max: 10, now: T0 + round })).toEqual({ pruned: 1 });
        const { id } = await make.queued({ createdAt: T0 + round * MINUTE });
        expect(await idsOf(storage, { since: T0 + round * MINUTE })).toEqual([id]);
        expect(await idsOf(storage, { until: T0 + 1 })).toHaveLength(1);
        expect(await idsOf(storage, { since: T0, until: T0 + HOUR })).toHaveLength(round + 1);
      }
    });

    test("by time is right also where clocks disagree", async () => {
      const { storage, make } = await setup();
      // Created in an order that has nothing to do with the order of arrival.
      const at = Array.from({ length: 3_000 }, (_, n) => T0 + ((n * 7_919) % 3_000) * SECOND);
      const jobs = await make.queuedAll(at.map((createdAt) => ({ createdAt })));
      const since = T0 + 1_000 * SECOND;
      const until = T0 + 1_100 * SECOND;
      const expected = jobs.filter(({ createdAt }) => createdAt >= since && createdAt < until);
      expect(expected).toHaveLength(100);
      expect(await all(storage, { since, until }, "asc", 30)).toEqual(expected);
    });
  });

  describe("a filter over many jobs", () => {
    /** 4,000 jobs; the two conditions have much each and little together. */
    async function crowd({ make }: Fixture) {
      return make.queuedAll(
        Array.from({ length: 4_000 }, (_, n) => ({
          host: n < 2_000 ? "old" : "new",
          driver: n % 100 === 0 || n >= 2_000 ? "cli" : "linux",
          createdAt: T0 + n,
        })),
      );
    }

    test.each<Order>(["asc", "desc"])("finds the few that match two wide conditions, %s", async (order) => {
      const fixture = await setup();
      const jobs = (await crowd(fixture)).filter(({ host, driver }) => host === "old" && driver === "cli");
      expect(jobs).toHaveLength(20);
      const expected = order === "asc" ? jobs : jobs.toReversed();
      const found = await all(fixture.storage, { host: "old", driver: "cli", queue: "FifoQ" }, order, 7);
      expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    });

    test("fills a page although most of what it looks at does not match", async () => {
      const fixture = await setup();
      await crowd(fixture);
      const filter: JobFilter = { host: "old", driver: "cli", since: T0, until: T0 + MINUTE };
      const { jobs, next } = await fixture.storage.list({ filter, order: "desc", limit: 15 });
      expect(jobs).toHaveLength(15);
      expect(next).toBe(jobs.at(-1)?.seq ?? null);
    });
  });
}

/** Every job that matches, read page by page. */
async function all(storage: Storage, filter: JobFilter, order: Order, limit = 1_000): Promise<Job[]> {
  const found: Job[] = [];
  for (let after: number | null | undefined; after !== null; ) {
    const page = await storage.list({ filter, order, limit, ...(after === undefined ? {} : { after }) });
    found.push(...page.jobs);
    expect(page.jobs.length).toBeLessThanOrEqual(limit);
    if (page.next !== null) expect(page.jobs).toHaveLength(limit);
    after = page.next;
  }
  return found;
}

async function idsOf(storage: Storage, filter: JobFilter): Promise<string[]> {
  return (await all(storage, filter, "asc")).map(({ id }) => id);
}
