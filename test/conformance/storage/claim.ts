import { describe, expect, test } from "bun:test";
import { released, retryLater, succeeded } from "../../../src/storage/storage.ts";
import { bytes, DEVICE_AWAY, EXPIRED, HOUR, MINUTE, SECOND, T0, text } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";

const PINNED = "pinned_10.0.0.1";

export function claimConformance(setup: Setup): void {
  describe("claim", () => {
    test("starts the job and hands out all that running it needs", async () => {
      const { storage, make } = await setup();
      const job = await make.queued({
        sealed: bytes("sealed"),
        executionTimeoutMs: 7 * SECOND,
        retries: 2,
      });
      const worker = await make.worker();
      const claim = await make.mustClaim(worker, T0 + SECOND);
      expect(claim).toMatchObject({
        token: { id: job.id, run: 1, nonce: expect.stringMatching(/^\S{16,}$/) },
        worker: worker.name,
        executionTimeoutMs: 7 * SECOND,
        retries: 2,
      });
      expect(text(claim.sealed)).toBe("sealed");
      const started = {
        ...job,
        status: "started",
        attempts: 1,
        startedAt: T0 + SECOND,
        node: worker.node,
        worker: worker.name,
      } as const;
      expect(claim.job).toEqual(started);
      expect(await storage.get({ ids: [job.id] })).toEqual([started]);
    });

    test("of an empty or unknown queue gives nothing", async () => {
      const { make } = await setup();
      expect(await make.claim(await make.worker())).toBeNull();
    });

    test("answers in the order of the requests, at most one job each", async () => {
      const { storage, make } = await setup();
      await make.queuedAll([{ host: "a" }, { host: "b" }, { host: "c" }]);
      const node = await make.node();
      const one = await make.worker({}, node);
      const two = await make.worker({}, node);
      const requests = [two, one].map(({ name, queue }) => ({ worker: name, queue }));
      const at = { node: node.name, incarnation: node.incarnation };
      const claims = await storage.claim({ op: make.op(), ...at, requests, now: T0 });
      expect(claims.map(({ worker, job }) => [worker, job.host])).toEqual([
        [two.name, "a"],
        [one.name, "b"],
      ]);
    });

    test("answers in that order also where expired jobs are in the way of the first request", async () => {
      const { storage, make } = await setup();
      await make.queuedAll([{ host: "expired", ttlMs: SECOND }, { host: "a" }, { host: "b" }]);
      await make.queued({ queue: PINNED, host: "c" });
      const node = await make.node();
      const workers = [
        await make.worker({}, node),
        await make.worker({ queue: PINNED }, node),
        await make.worker({}, node),
      ];
      const requests = workers.map(({ name, queue }) => ({ worker: name, queue }));
      const call = { op: make.op(), node: node.name, incarnation: node.incarnation, requests };
      const claims = await storage.claim({ ...call, now: T0 + SECOND });
      expect(claims.map(({ worker, job }) => [worker, job.host])).toEqual([
        [workers[0]?.name ?? "", "a"],
        [workers[1]?.name ?? "", "c"],
        [workers[2]?.name ?? "", "b"],
      ]);
      expect(await storage.claim({ ...call, now: T0 + SECOND })).toEqual(claims);
    });

    test("takes the highest priority first, then the lowest sequence", async () => {
      const { make } = await setup();
      await make.queuedAll([
        { host: "low" },
        { host: "high 1", priority: 9 },
        { host: "negative", priority: -1 },
        { host: "high 2", priority: 9 },
      ]);
      expect(await claimAll({ make }, 4)).toEqual(["high 1", "high 2", "low", "negative"]);
    });

    test("passes over a job whose moment has not come, and does not wait behind it", async () => {
      const { make } = await setup();
      await make.queuedAll([{ host: "later", runAt: T0 + MINUTE }, { host: "now" }]);
      const worker = await make.worker();
      const other = await make.worker();
      expect((await make.claim(worker))?.job.host).toBe("now");
      expect(await make.claim(other, T0 + MINUTE - 1)).toBeNull();
      expect((await make.claim(other, T0 + MINUTE))?.job.host).toBe("later");
    });

    test("a delayed job that is due keeps the place its sequence gives it", async () => {
      const { make } = await setup();
      await make.queuedAll([{ host: "delayed", runAt: T0 + SECOND }, { host: "second" }]);
      expect(await claimAll({ make }, 2, T0 + SECOND)).toEqual(["delayed", "second"]);
    });

    test("passes over jobs whose TTL has run out, however many", async () => {
      const { storage, make } = await setup();
      await make.queuedAll(Array.from({ length: 700 }, () => ({ ttlMs: SECOND })));
      await make.queued({ host: "fresh" });
      expect((await make.claim(await make.worker(), T0 + SECOND))?.job.host).toBe("fresh");
      const { ids } = await storage.expire({ max: 1_000, error: EXPIRED, now: T0 + SECOND });
      expect(ids).toHaveLength(700);
    });

    test.each([null, HOUR])("says since when a job might have started, with a TTL of %p", async (ttlMs) => {
      const { make } = await setup();
      const worker = await make.worker();
      const readyAt = async (now: number) => (await make.mustClaim(worker, now)).readyAt;
      await make.queued({ ttlMs }, T0 + SECOND);
      expect(await readyAt(T0 + MINUTE)).toBe(T0 + SECOND);
    });

    test("says it of a delayed job, a retry and one that was handed back", async () => {
      const { make } = await setup();
      const worker = await make.worker();
      await make.queued({ ttlMs: HOUR, retries: 1, runAt: T0 + SECOND });
      const delayed = await make.mustClaim(worker, T0 + MINUTE);
      expect(delayed.readyAt).toBe(T0 + SECOND);
      await make.settle(delayed.token, released(), { now: T0 + MINUTE });
      const again = await make.mustClaim(worker, T0 + 2 * MINUTE);
      expect(again.readyAt).toBe(T0 + SECOND);
      await make.settle(again.token, retryLater(DEVICE_AWAY, SECOND), { now: T0 + 3 * MINUTE });
      const retried = await make.mustClaim(worker, T0 + 4 * MINUTE);
      expect(retried.readyAt).toBe(T0 + 3 * MINUTE + SECOND);
      await make.settle(retried.token, released(), { now: T0 + 5 * MINUTE });
      expect((await make.mustClaim(worker, T0 + 6 * MINUTE)).readyAt).toBe(retried.readyAt);
    });

    test("starts a job just before its TTL runs out", async () => {
      const { make } = await setup();
      await make.queued({ ttlMs: SECOND });
      expect(await make.claim(await make.worker(), T0 + SECOND - 1)).not.toBeNull();
    });
  });

  describe("a pinned queue", () => {
    test("yields only while none of its jobs is started", async () => {
      const { make } = await setup();
      await make.queuedAll([
        { queue: PINNED, host: "1" },
        { queue: PINNED, host: "2" },
      ]);
      const worker = await make.worker({ queue: PINNED });
      const first = await make.mustClaim(worker);
      expect(await make.claim(worker)).toBeNull();
      await make.settle(first.token, succeeded());
      expect((await make.claim(worker))?.job.host).toBe("2");
    });

    test("yields nothing to a new owner while the lost one's run is not reaped", async () => {
      const { storage, make } = await setup();
      await make.queuedAll([{ queue: PINNED }, { queue: PINNED }]);
      const old = await make.worker({ queue: PINNED });
      await make.mustClaim(old);
      await storage.endWorker({ name: old.name, as: "dead" });
      expect(await make.claim(await make.worker({ queue: PINNED }))).toBeNull();
    });

    test("is serial whoever asks: of many claims at once one wins", async () => {
      const { connect, make } = await setup();
      await make.queuedAll(Array.from({ length: 10 }, () => ({ queue: PINNED })));
      const node = await make.node();
      const workers = [await make.worker({ queue: PINNED }, node)];
      // Workers of a kind that does not pin: only the queue itself can keep them apart.
      for (let n = 0; n < 4; n++) workers.push(await make.worker({ queue: PINNED, kind: "fifo" }, node));
      const stores = [await connect(), await connect()];
      const claims = await Promise.all(
        workers.map(({ name, queue }, n) =>
          stores[n % 2]?.claim({
            op: make.op(),
            node: node.name,
            incarnation: node.incarnation,
            requests: [{ worker: name, queue }],
          }),
        ),
      );
      expect(claims.flat()).toHaveLength(1);
    });

    test("does not hold up other queues", async () => {
      const { make } = await setup();
      await make.started({ queue: PINNED });
      expect(await make.started({ queue: "pinned_10.0.0.2" })).toMatchObject({ token: { run: 1 } });
    });
  });

  describe("claims by many at once", () => {
    test("never start a job twice, and start every job", async () => {
      const { storage, connect, make } = await setup();
      await make.queuedAll(Array.from({ length: 200 }, () => ({})));
      const stores = [storage, await connect(), await connect()];
      const node = await make.node();
      const workers = await Promise.all(Array.from({ length: 12 }, () => make.worker({}, node)));
      const started: string[] = [];
      const drain = async (n: number): Promise<void> => {
        const [store, worker] = [stores[n % 3], workers[n]];
        if (!store || !worker) throw new Error("no such worker");
        const ask = { node: node.name, incarnation: node.incarnation };
        const requests = [{ worker: worker.name, queue: worker.queue }];
        for (;;) {
          const [claim] = await store.claim({ op: make.op(), ...ask, requests, now: T0 });
          if (!claim) return;
          started.push(claim.token.id);
          const end = { token: claim.token, tail: bytes(""), tailOffset: 0, outcome: succeeded() };
          expect(await store.settle({ settlements: [end], now: T0 })).toEqual(["ok"]);
        }
      };
      await Promise.all(workers.map((_, n) => drain(n)));
      expect(new Set(started).size).toBe(200);
      expect(started).toHaveLength(200);
      expect(await storage.counts()).toMatchObject({ queued: 0, started: 0, finished: 200 });
    });
  });

  describe("a worker gets nothing when", () => {
    test("it is unknown", async () => {
      const { storage, make } = await setup();
      await make.queued();
      const worker = await make.worker();
      expect(await make.claim({ ...worker, name: "stranger" })).toBeNull();
      expect((await storage.counts()).queued).toBe(1);
    });

    test("it listens on another queue", async () => {
      const { make } = await setup();
      await make.queued({ queue: PINNED });
      const worker = await make.worker();
      expect(await make.claim({ ...worker, queue: PINNED })).toBeNull();
    });

    test("it is of another incarnation, or of another node", async () => {
      const { make } = await setup();
      await make.queued();
      const worker = await make.worker();
      expect(await make.claim({ ...worker, incarnation: "another" })).toBeNull();
      expect(await make.claim({ ...worker, node: "another" })).toBeNull();
    });

    test("its node registered anew, was declared lost, or was removed", async () => {
      const { storage, make } = await setup();
      await make.queued();
      const again = await make.node();
      const lost = await make.node();
      const removed = await make.node();
      const workers = [
        await make.worker({}, again),
        await make.worker({}, lost),
        await make.worker({}, removed),
      ];
      await storage.registerNode({ node: { ...again, incarnation: "newer" } });
      const pulse = (await storage.nodes()).find(({ name }) => name === lost.name);
      if (!pulse) throw new Error("the node is not listed");
      expect(await storage.loseNode(pulse)).toBe("lost");
      await storage.removeNode(removed);
      for (const worker of workers) expect(await make.claim(worker)).toBeNull();
    });

    test.each(["busy", "suspended", "dead"] as const)("it is %s", async (status) => {
      const { make } = await setup();
      const worker = await make.workerIn(status);
      await make.queued();
      expect(await make.claim(worker)).toBeNull();
    });

    test("it was asked to stop", async () => {
      const { storage, make } = await setup();
      await make.queued();
      const worker = await make.worker();
      await storage.stopWorkers({ op: make.op(), filter: { name: worker.name } });
      expect(await make.claim(worker)).toBeNull();
    });

    test("it asks twice in one call: the second request gets nothing", async () => {
      const { storage, make } = await setup();
      await make.queuedAll([{}, {}]);
      const { name, node, incarnation, queue } = await make.worker();
      const requests = [
        { worker: name, queue },
        { worker: name, queue },
      ];
      expect(await storage.claim({ op: make.op(), node, incarnation, requests })).toHaveLength(1);
    });
  });

  describe("a job that runs again", () => {
    test("keeps its sequence and so its place, and gets a new token", async () => {
      const { make } = await setup();
      await make.queuedAll([{ host: "first", retries: 1 }, { host: "second" }]);
      const worker = await make.worker();
      const run = await make.mustClaim(worker);
      await make.settle(run.token, retryLater(DEVICE_AWAY, 0));
      const again = await make.mustClaim(worker);
      expect(again.job).toMatchObject({ host: "first", seq: run.job.seq, attempts: 2 });
      expect(again.token.run).toBe(run.token.run + 1);
      expect(again.token.nonce).not.toBe(run.token.nonce);
    });

    test("begins with an empty output log", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      await make.queued();
      const { token } = await make.mustClaim(worker);
      await make.settle(token, released(), { tail: "of the first run" });
      expect(await storage.outputs({ ids: [token.id] })).toEqual(["of the first run"]);
      await make.mustClaim(worker);
      expect(await storage.outputs({ ids: [token.id] })).toEqual([""]);
    });
  });
}

/** The hosts of the next jobs, claimed one after another by workers of their own. */
async function claimAll({ make }: Pick<Fixture, "make">, count: number, now = T0): Promise<string[]> {
  const hosts: string[] = [];
  for (let n = 0; n < count; n++) hosts.push((await make.mustClaim(await make.worker(), now)).job.host);
  return hosts;
}
