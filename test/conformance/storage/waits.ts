import { describe, expect, test } from "bun:test";
import { MOST_AHEAD } from "../../../src/storage/ahead.ts";
import { released, retryLater } from "../../../src/storage/storage.ts";
import { DEVICE_AWAY, HOUR, MINUTE, SECOND, T0 } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";

export function waitsConformance(setup: Setup): void {
  const ahead = async ({ storage }: Fixture, ids: string[]) =>
    (await storage.waits({ ids, now: T0 })).map((wait) => wait?.ahead);

  describe("waits", () => {
    test("are told in the order asked, of queued jobs only", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started();
      const queued = await make.queued();
      const ids = [token.id, queued.id, "job_unknown", queued.id, (await make.inStatus("cancelled")).id];
      const wait = { ahead: 0, startsAt: null, holder: null, workers: "none" } as const;
      expect(await storage.waits({ ids })).toEqual([null, wait, null, wait, null]);
      expect(await storage.waits({ ids: [] })).toEqual([]);
    });

    test("count the jobs of the same queue that come before", async () => {
      const fixture = await setup();
      const { make } = fixture;
      const jobs = await make.queuedAll([{}, {}, { queue: "pinned_a" }, {}]);
      expect(
        await ahead(
          fixture,
          jobs.map(({ id }) => id),
        ),
      ).toEqual([0, 1, 0, 2]);
      await make.mustClaim(await make.worker());
      expect(
        await ahead(
          fixture,
          jobs.map(({ id }) => id),
        ),
      ).toEqual([undefined, 0, 0, 1]);
    });

    test("count all of a higher priority and none of a lower", async () => {
      const fixture = await setup();
      const jobs = await fixture.make.queuedAll([
        {},
        { priority: 5 },
        { priority: 5, lane: "bob" },
        { priority: -1 },
      ]);
      expect(
        await ahead(
          fixture,
          jobs.map(({ id }) => id),
        ),
      ).toEqual([2, 0, 1, 3]);
    });

    test("tell the order in which lanes take turns, as claims then show", async () => {
      const fixture = await setup();
      const { make } = fixture;
      const lanes = ["a", "a", "a", "b", "c", "b", "a"];
      const jobs = await make.queuedAll(lanes.map((lane) => ({ lane })));
      await make.mustClaim(await make.worker());
      const waiting = jobs.slice(1).map(({ id }) => id);
      const places = await ahead(fixture, waiting);
      const order: string[] = [];
      while (order.length < waiting.length) order.push((await make.mustClaim(await make.worker())).token.id);
      expect(waiting.map((id) => order.indexOf(id))).toEqual(places as number[]);
    });

    test("count to a limit", async () => {
      const fixture = await setup();
      const jobs = await fixture.make.queuedAll(Array.from({ length: MOST_AHEAD + 2 }, () => ({})));
      const last = jobs.slice(-3).map(({ id }) => id);
      expect(await ahead(fixture, last)).toEqual([MOST_AHEAD - 1, MOST_AHEAD, MOST_AHEAD]);
    });

    test("say until when a job is delayed, and do not count it before others", async () => {
      const fixture = await setup();
      const { storage, make } = fixture;
      const delayed = await make.queued({ runAt: T0 + HOUR });
      const next = await make.queued();
      expect(await ahead(fixture, [next.id])).toEqual([0]);
      const startsAt = async (now: number) => (await storage.waits({ ids: [delayed.id], now }))[0]?.startsAt;
      expect(await startsAt(T0)).toBe(T0 + HOUR);
      expect(await startsAt(T0 + HOUR)).toBeNull();
    });

    test("say it of a retry's pause as well, and not of what was handed back", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      const { token } = await make.started({ retries: 1 }, worker);
      await make.settle(token, released());
      expect(await storage.waits({ ids: [token.id], now: T0 })).toMatchObject([{ startsAt: null }]);
      await make.settle((await make.mustClaim(worker)).token, retryLater(DEVICE_AWAY, MINUTE));
      expect(await storage.waits({ ids: [token.id], now: T0 })).toMatchObject([{ startsAt: T0 + MINUTE }]);
    });

    test("name the started job of a pinned queue", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started({ queue: "pinned_a" }, await make.worker({ queue: "pinned_a" }));
      const jobs = await make.queuedAll([{ queue: "pinned_a" }, { queue: "pinned_b" }]);
      expect(await storage.waits({ ids: jobs.map(({ id }) => id) })).toMatchObject([
        { holder: token.id, workers: "some" },
        { holder: null, workers: "none" },
      ]);
      await make.settle(token, released());
      expect(await storage.waits({ ids: [jobs[0]?.id ?? ""] })).toMatchObject([{ holder: null }]);
    });

    test("tell workers that take jobs from suspended and dead ones", async () => {
      const { storage, make } = await setup();
      const { id } = await make.queued();
      const workers = async () => (await storage.waits({ ids: [id] }))[0]?.workers;
      const one = await make.workerIn("suspended");
      expect(await workers()).toBe("suspended");
      const two = await make.worker();
      expect(await workers()).toBe("some");
      await storage.endWorker({ name: two.name, as: "dead" });
      expect(await workers()).toBe("suspended");
      await storage.suspendWorkers({ filter: { name: one.name }, suspended: false });
      expect(await workers()).toBe("some");
      await storage.endWorker({ name: one.name, as: "gone" });
      expect(await workers()).toBe("none");
    });
  });

  describe("nodeLoads", () => {
    test("count the started jobs of pinned queues, and tell the sites, for each node that is not lost", async () => {
      const { storage, make } = await setup();
      const busy = await make.node({ name: "a", capacity: 2, sites: ["berlin", null] });
      await make.node({ name: "b", capacity: 3, sites: null }, T0 + SECOND);
      const lost = await make.node({ name: "c" });
      const [pulse] = (await storage.nodes()).filter(({ name }) => name === "c");
      await storage.loseNode({ name: "c", incarnation: lost.incarnation, beat: pulse?.beat ?? 0, now: T0 });
      for (const queue of ["pinned_a", "pinned_b", "FifoQ"]) {
        await make.started({ queue }, await make.worker({ queue }, busy));
      }
      expect(await storage.nodeLoads({ now: T0 + MINUTE })).toEqual([
        { name: "a", capacity: 2, sites: ["berlin", null], pinnedRuns: 2, silentMs: MINUTE },
        { name: "b", capacity: 3, sites: null, pinnedRuns: 0, silentMs: MINUTE - SECOND },
      ]);
    });

    test("are none where there is no node", async () => {
      const { storage } = await setup();
      expect(await storage.nodeLoads()).toEqual([]);
    });
  });
}
