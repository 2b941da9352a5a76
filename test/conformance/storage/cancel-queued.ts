import { describe, expect, test } from "bun:test";
import { JOB_STATUSES, type Job } from "../../../src/core/job.ts";
import type { JobFilter } from "../../../src/storage/storage.ts";
import { MINUTE, T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";
import { WAYS } from "./ways.ts";

export function cancelQueuedConformance(setup: Setup): void {
  describe("cancelQueued", () => {
    test("cancels and names every queued job that matches, and no other", async () => {
      const { storage, make } = await setup();
      const wanted = await make.queuedAll([{ host: "a" }, { host: "a", runAt: T0 + MINUTE }, { host: "a" }]);
      const spared = await make.queued({ host: "b" });
      const { ids } = await storage.cancelQueued({ op: make.op(), filter: { host: "a" }, now: T0 });
      expect(ids.toSorted()).toEqual(wanted.map(({ id }) => id).toSorted());
      expect(await storage.get({ ids })).toMatchObject(
        wanted.map(() => ({ status: "cancelled", endedAt: T0 })),
      );
      expect(await storage.get({ ids: [spared.id] })).toEqual([spared]);
    });

    test("never touches a job that is started or has ended", async () => {
      const { storage, make } = await setup();
      const made = new Map<string, string>();
      for (const status of JOB_STATUSES) made.set((await make.inStatus(status)).id, status);
      const { ids } = await storage.cancelQueued({ op: make.op(), filter: {} });
      expect(ids.map((id) => made.get(id))).toEqual(["queued"]);
      const jobs = await storage.get({ ids: [...made.keys()] });
      expect(jobs.map((job) => job?.status)).toEqual([
        "cancelled",
        "started",
        "finished",
        "failed",
        "cancelled",
      ]);
    });

    test.each(WAYS)("of a job that is $status $way", async ({ status, take }) => {
      const fixture = await setup();
      const { storage, make } = fixture;
      const id = await take(fixture);
      const [before] = await storage.get({ ids: [id] });
      const call = { op: make.op(), filter: { queue: before?.queue ?? "" }, now: T0 + MINUTE };
      const cancels = status === "queued";
      expect(await storage.cancelQueued(call)).toEqual({ ids: cancels ? [id] : [] });
      const change = cancels ? { status: "cancelled", endedAt: T0 + MINUTE } : {};
      expect(await storage.get({ ids: [id] })).toEqual([{ ...before, ...change } as Job]);
      expect(await storage.queues()).toEqual([]);
    });

    test.each<[string, JobFilter]>([
      ["another status", { status: "started" }],
      ["a queue without jobs", { queue: "pinned_nobody" }],
    ])("of %s cancels nothing", async (_, filter) => {
      const { storage, make } = await setup();
      await make.inStatus("started");
      await make.queued();
      expect(await storage.cancelQueued({ op: make.op(), filter })).toEqual({ ids: [] });
    });

    test("conditions narrow each other", async () => {
      const { storage, make } = await setup();
      const [job] = await make.queuedAll([
        { host: "a", driver: "cli", batchId: "batch_1" },
        { host: "a", driver: "linux", batchId: "batch_1" },
        { host: "b", driver: "cli", batchId: "batch_1" },
        { host: "a", driver: "cli", batchId: "batch_2" },
      ]);
      const filter: JobFilter = { host: "a", driver: "cli", batchId: "batch_1", status: "queued" };
      expect(await storage.cancelQueued({ op: make.op(), filter })).toEqual({ ids: [job?.id ?? ""] });
    });

    test("cancels thousands, and the queue is empty", async () => {
      const { storage, make } = await setup();
      const jobs = await make.queuedAll(Array.from({ length: 2_500 }, (_, n) => ({ host: `h${n % 3}` })));
      const { ids } = await storage.cancelQueued({ op: make.op(), filter: { queue: "FifoQ" } });
      expect(new Set(ids)).toEqual(new Set(jobs.map(({ id }) => id)));
      expect(await storage.queues()).toEqual([]);
      expect(await storage.counts()).toMatchObject({ queued: 0, cancelled: 2_500 });
      expect(await make.claim(await make.worker())).toBeNull();
    });

    test("two at once name every job once", async () => {
      const { storage, connect, make } = await setup();
      const other = await connect();
      await make.queuedAll(Array.from({ length: 600 }, () => ({})));
      const both = await Promise.all(
        [storage, other].map((store) => store.cancelQueued({ op: make.op(), filter: {} })),
      );
      const ids = both.flatMap((each) => each.ids);
      expect(ids).toHaveLength(600);
      expect(new Set(ids).size).toBe(600);
    });
  });
}
