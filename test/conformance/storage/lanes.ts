import { describe, expect, test } from "bun:test";
import type { NewWorker } from "../../../src/storage/storage.ts";
import { released, retryLater, succeeded } from "../../../src/storage/storage.ts";
import { DEVICE_AWAY, EXPIRED, SECOND, T0 } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";

export function lanesConformance(setup: Setup): void {
  describe("lanes", () => {
    test("take turns within a queue, whoever filled it first", async () => {
      const { make } = await setup();
      await make.queuedAll(["a", "a", "a", "a", "b", "b", "c"].map((lane) => ({ lane, host: lane })));
      expect(await serve({ make }, 7)).toEqual(["a", "b", "c", "a", "b", "a", "a"]);
    });

    test("take turns for each priority by itself", async () => {
      const { make } = await setup();
      await make.queuedAll([
        { lane: "a", host: "a low" },
        { lane: "a", host: "a high", priority: 1 },
        { lane: "a", host: "a high", priority: 1 },
        { lane: "b", host: "b high", priority: 1 },
        { lane: "b", host: "b low" },
      ]);
      expect(await serve({ make }, 5)).toEqual(["a high", "b high", "a high", "a low", "b low"]);
    });

    test("take turns in each queue by itself", async () => {
      const { make } = await setup();
      const [one, two] = [make.name("queue"), make.name("queue")];
      for (const queue of [one, two]) {
        await make.queuedAll(["a", "a", "b"].map((lane) => ({ queue, lane, host: lane })));
      }
      const workers = [
        await make.worker({ queue: one, kind: "fifo" }),
        await make.worker({ queue: two, kind: "fifo" }),
      ];
      const served: string[][] = [[], []];
      for (let turn = 0; turn < 3; turn++) {
        for (const [n, worker] of workers.entries()) served[n]?.push(await next({ make }, worker));
      }
      expect(served).toEqual([
        ["a", "b", "a"],
        ["a", "b", "a"],
      ]);
    });

    test("one that comes later gets its turn at once, before the one just served", async () => {
      const { make } = await setup();
      const worker = await make.worker();
      await make.queuedAll(["a", "a", "a"].map((lane) => ({ lane, host: lane })));
      expect(await next({ make }, worker)).toBe("a");
      await make.queued({ lane: "b", host: "b" });
      expect(await serve({ make }, 3)).toEqual(["b", "a", "a"]);
    });

    test("ten thousand jobs of one caller let another's single one wait for no more than one of them", async () => {
      const { make } = await setup();
      const worker = await make.worker();
      const many = { lane: "many", host: "many" };
      for (let n = 0; n < 10; n++) await make.queuedAll(Array.from({ length: 1_000 }, () => many));
      expect(await next({ make }, worker)).toBe("many");
      await make.queued({ lane: "single", host: "single" });
      expect(await serve({ make }, 2)).toEqual(["single", "many"]);
    });

    test("one that comes later goes behind those that have waited longer", async () => {
      const { make } = await setup();
      const worker = await make.worker();
      await make.queuedAll(["a", "a", "b", "b", "c", "c"].map((lane) => ({ lane, host: lane })));
      expect(await next({ make }, worker)).toBe("a");
      await make.queued({ lane: "new", host: "new" });
      expect(await serve({ make }, 4)).toEqual(["b", "c", "new", "a"]);
    });

    test("a caller that always has just one job waiting gets every other turn, no more", async () => {
      const { make } = await setup();
      const worker = await make.worker();
      await make.queuedAll(Array.from({ length: 10 }, () => ({ lane: "busy", host: "busy" })));
      const served: string[] = [];
      for (let turn = 0; turn < 8; turn++) {
        await make.queued({ lane: "single", host: "single" });
        served.push(await next({ make }, worker));
      }
      expect(served.filter((host) => host === "busy")).toHaveLength(4);
    });

    test("one that makes a new lane for every job does not starve the others: new lanes wait too", async () => {
      const { make } = await setup();
      const worker = await make.worker();
      await make.queuedAll(Array.from({ length: 10 }, () => ({ lane: "busy", host: "busy" })));
      const served: string[] = [];
      for (let turn = 0; turn < 8; turn++) {
        await make.queued({ lane: make.name("batch"), host: "batch" });
        served.push(await next({ make }, worker));
      }
      expect(served).toEqual(["busy", "batch", "batch", "busy", "batch", "batch", "batch", "busy"]);
    });

    test("that lose what they waited with lose their turn to those who still have something", async () => {
      const { storage, make } = await setup();
      const [a, b] = await make.queuedAll([
        { lane: "a", host: "a" },
        { lane: "b", host: "b", ttlMs: SECOND },
        { lane: "c", host: "c" },
      ]);
      await storage.cancel({ op: make.op(), id: a?.id ?? "", abort: false });
      await storage.expire({ max: 10, error: EXPIRED, now: T0 + SECOND });
      expect(await storage.get({ ids: [b?.id ?? ""] })).toMatchObject([{ status: "failed" }]);
      expect(await serve({ make }, 1, T0 + SECOND)).toEqual(["c"]);
    });

    test("keep the place of a job that is handed back", async () => {
      const { make } = await setup();
      const worker = await make.worker();
      await make.queuedAll(["a", "a", "b"].map((lane, n) => ({ lane, host: `${lane} ${n}` })));
      const { token } = await make.mustClaim(worker);
      await make.settle(token, released());
      expect(await serve({ make }, 3)).toEqual(["b 2", "a 0", "a 1"]);
    });

    test.each([
      ["is handed back", released()],
      ["is to be retried", retryLater(DEVICE_AWAY, 0)],
    ])("whose only job %s go behind those that have waited all along", async (_, outcome) => {
      const { make } = await setup();
      const worker = await make.worker();
      await make.queuedAll(["a", "b", "c"].map((lane) => ({ lane, host: lane, retries: 9 })));
      const { token, job } = await make.mustClaim(worker);
      expect(job.host).toBe("a");
      await make.settle(token, outcome);
      expect(await serve({ make }, 3)).toEqual(["b", "c", "a"]);
    });

    test("whose job falls due get their turn like any that has just got work", async () => {
      const { make } = await setup();
      const worker = await make.worker();
      await make.queuedAll([
        { lane: "a", host: "a" },
        { lane: "a", host: "a" },
        { lane: "b", host: "b" },
        { lane: "late", host: "late", runAt: T0 + SECOND },
      ]);
      expect(await next({ make }, worker)).toBe("a");
      expect(await serve({ make }, 3, T0 + SECOND)).toEqual(["b", "late", "a"]);
    });

    test("whose jobs fall due while their device is busy come in the order of those jobs, not of later ones", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      const queue = `pinned_${make.name("host")}`;
      const [busy, idle] = [
        await make.worker({ queue, kind: "fifo" }, node),
        await make.worker({ queue, kind: "fifo" }, node),
      ];
      const runAt = T0 + SECOND;
      await make.queued({ queue, host: "first" });
      await make.queuedAll([
        { queue, lane: "one", host: "one", runAt },
        { queue, lane: "two", host: "two", runAt },
      ]);
      const { token } = await make.mustClaim(busy);
      const requests = [{ worker: idle.name, queue }];
      const asked = { op: make.op(), node: node.name, incarnation: node.incarnation, requests, now: runAt };
      expect(await storage.claim(asked)).toEqual([]);
      await make.queued({ queue, lane: "one", host: "one, later" });
      await make.settle(token, succeeded());
      const hosts: string[] = [];
      for (let n = 0; n < 3; n++) hosts.push(await next({ make }, busy, runAt));
      expect(hosts).toEqual(["one", "two", "one, later"]);
    });

    test("take their turns also within one call for many workers", async () => {
      const { storage, make } = await setup();
      await make.queuedAll(["a", "a", "a", "b", "c"].map((lane) => ({ lane, host: lane })));
      const node = await make.node();
      const requests = [];
      for (let n = 0; n < 4; n++) {
        const { name, queue } = await make.worker({}, node);
        requests.push({ worker: name, queue });
      }
      const { name, incarnation } = node;
      const claims = await storage.claim({ op: make.op(), node: name, incarnation, requests, now: T0 });
      expect(claims.map(({ job }) => job.host)).toEqual(["a", "b", "c", "a"]);
    });

    test("of delayed and expired jobs do not take a turn", async () => {
      const { make } = await setup();
      await make.queuedAll([
        { lane: "delayed", runAt: T0 + 100 * SECOND },
        { lane: "expired", ttlMs: 1 },
        { lane: "a", host: "a" },
        { lane: "b", host: "b" },
        { lane: "a", host: "a" },
      ]);
      expect(await serve({ make }, 3, T0 + SECOND)).toEqual(["a", "b", "a"]);
    });

    test("hold their order over thousands of lanes", async () => {
      const { make } = await setup();
      const lanes = Array.from({ length: 2_000 }, (_, n) => `lane ${n}`);
      await make.queuedAll(lanes.map((lane) => ({ lane, host: lane })));
      await make.queuedAll(lanes.map((lane) => ({ lane, host: lane })));
      expect(await serve({ make }, 30)).toEqual(lanes.slice(0, 30));
    });
  });
}

/** Runs the next job to its end and says whose it was. */
async function next({ make }: Pick<Fixture, "make">, worker: NewWorker, now = T0): Promise<string> {
  const { token, job } = await make.mustClaim(worker, now);
  await make.settle(token, succeeded());
  return job.host;
}

async function serve({ make }: Pick<Fixture, "make">, count: number, now = T0): Promise<string[]> {
  const worker = await make.worker();
  const hosts: string[] = [];
  for (let n = 0; n < count; n++) hosts.push(await next({ make }, worker, now));
  return hosts;
}
