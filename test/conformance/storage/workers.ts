import { describe, expect, test } from "bun:test";
import { WORKER_STATUSES, type WorkerFilter } from "../../../src/storage/storage.ts";
import { HOUR, SECOND, T0 } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";

export function workersConformance(setup: Setup): void {
  describe("addWorker", () => {
    test("adds a worker that is idle and has done nothing", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker({ queue: "pinned_x/a", host: "a", site: "x" });
      expect((await storage.listWorkers({ filter: {}, limit: 10 })).workers).toEqual([
        {
          ...worker,
          status: "idle",
          session: "none",
          sessionsOpened: 0,
          currentJobs: [],
          lastHeartbeat: T0,
          birthAt: T0,
          diedAt: null,
          successfulJobCount: 0,
          failedJobCount: 0,
          busyMs: 0,
          memoryMb: null,
        },
      ]);
    });

    test("counts its birth as its first sign of life, also when its node beat last before it", async () => {
      const { storage, make } = await setup();
      const first = await make.worker();
      const born = T0 + SECOND;
      await storage.addWorker({ worker: { ...first, name: "later" }, now: born });
      const { workers } = await storage.listWorkers({ filter: { name: "later" }, limit: 1 });
      expect(workers).toMatchObject([{ birthAt: born, lastHeartbeat: born }]);
    });

    test("of a pinned queue that a living worker owns says whose it is", async () => {
      const { storage, make } = await setup();
      const owner = await make.worker({ queue: "pinned_a" });
      const rival = { ...owner, name: "rival" };
      expect(await storage.addWorker({ worker: rival })).toEqual({
        outcome: "taken",
        worker: owner.name,
        node: owner.node,
      });
      await storage.endWorker({ name: owner.name, as: "dead" });
      expect(await storage.addWorker({ worker: rival })).toEqual({ outcome: "added" });
    });

    test("any number may serve a FIFO queue", async () => {
      const { storage, make } = await setup();
      for (let n = 0; n < 3; n++) await make.worker();
      expect((await storage.listWorkers({ filter: { queue: "FifoQ" }, limit: 10 })).workers).toHaveLength(3);
    });

    test("of a node that is unknown or declared lost is refused", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      const stranger = { ...worker, name: "stranger", incarnation: "another" };
      expect(await storage.addWorker({ worker: stranger })).toEqual({ outcome: "unknown_node" });
      const [pulse] = await storage.nodes();
      if (!pulse) throw new Error("the node is not listed");
      await storage.loseNode(pulse);
      const late = { ...worker, name: "late" };
      expect(await storage.addWorker({ worker: late })).toEqual({ outcome: "unknown_node" });
    });

    test("a repeat changes nothing, also when the worker has died meanwhile", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker({ queue: "pinned_a" });
      expect(await storage.addWorker({ worker, now: T0 + SECOND })).toEqual({ outcome: "added" });
      await storage.endWorker({ name: worker.name, as: "dead", now: T0 });
      const before = await storage.listWorkers({ filter: {}, limit: 10 });
      expect(await storage.addWorker({ worker })).toEqual({ outcome: "added" });
      expect(await storage.listWorkers({ filter: {}, limit: 10 })).toEqual(before);
    });

    test("of two at once for one pinned queue, one owns it", async () => {
      const { storage, connect, make } = await setup();
      const other = await connect();
      const { name: node, incarnation } = await make.node();
      const like = await make.worker({ queue: "pinned_z" }, { name: node, incarnation });
      const added = await Promise.all(
        [storage, other].map((store, n) =>
          store.addWorker({ worker: { ...like, name: `rival-${n}`, queue: "pinned_a" } }),
        ),
      );
      expect(added.map(({ outcome }) => outcome).toSorted()).toEqual(["added", "taken"]);
    });
  });

  describe("endWorker", () => {
    test("`dead` is listed until its retention runs out", async () => {
      const { storage, make } = await setup();
      const { name, node, incarnation, pid } = await make.worker();
      const state = { name, pid, session: "connected", sessionsOpened: 1 } as const;
      await storage.heartbeat({ node, incarnation, runs: [], workers: [state], hostMemory: {}, now: T0 });
      await storage.endWorker({ name, as: "dead", now: T0 + HOUR });
      const [dead] = (await storage.listWorkers({ filter: {}, limit: 10 })).workers;
      expect(dead).toMatchObject({
        status: "dead",
        diedAt: T0 + HOUR,
        lastHeartbeat: T0,
        session: "none",
        sessionsOpened: 1,
      });
      expect(await storage.pruneWorkers({ diedBefore: T0 + HOUR })).toEqual({ pruned: 0 });
      expect(await storage.pruneWorkers({ diedBefore: T0 + HOUR + 1 })).toEqual({ pruned: 1 });
      expect((await storage.listWorkers({ filter: {}, limit: 10 })).workers).toEqual([]);
    });

    test("`gone` just goes", async () => {
      const { storage, make } = await setup();
      const { name } = await make.worker({ queue: "pinned_a" });
      await storage.endWorker({ name, as: "gone" });
      expect((await storage.listWorkers({ filter: {}, limit: 10 })).workers).toEqual([]);
      await make.worker({ queue: "pinned_a" });
    });

    test("a repeat does not move its death, and an unknown one is nothing", async () => {
      const { storage, make } = await setup();
      const { name } = await make.worker();
      await storage.endWorker({ name, as: "dead", now: T0 });
      await storage.endWorker({ name, as: "dead", now: T0 + HOUR });
      await storage.endWorker({ name: "never heard of", as: "dead" });
      expect((await storage.listWorkers({ filter: {}, limit: 10 })).workers).toMatchObject([{ diedAt: T0 }]);
    });
  });

  describe("listWorkers", () => {
    test.each([...WORKER_STATUSES])("shows and finds one that is %s", async (status) => {
      const { storage, make } = await setup();
      const named = new Map<string, string>();
      for (const each of WORKER_STATUSES) named.set(each, (await make.workerIn(each)).name);
      const { workers } = await storage.listWorkers({ filter: { status }, limit: 10 });
      expect(workers.map((worker) => [worker.name, worker.status])).toEqual([
        [named.get(status) ?? "", status],
      ]);
    });

    test("shows what a busy worker runs", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      const { token } = await make.started({}, worker);
      const { workers } = await storage.listWorkers({ filter: { name: worker.name }, limit: 10 });
      expect(workers).toMatchObject([{ status: "busy", currentJobs: [token.id] }]);
    });

    test("a suspended worker that still runs a job is busy, a dead one is dead", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      await make.started({}, worker);
      await storage.suspendWorkers({ filter: { name: worker.name }, suspended: true });
      const status = async () => (await storage.listWorkers({ filter: {}, limit: 1 })).workers[0]?.status;
      expect(await status()).toBe("busy");
      await storage.endWorker({ name: worker.name, as: "dead" });
      expect(await status()).toBe("dead");
    });

    test.each<[string, (fleet: Fleet) => WorkerFilter, (keyof Fleet)[]]>([
      ["queue", () => ({ queue: "pinned_b" }), ["b"]],
      ["host", () => ({ host: "a" }), ["a"]],
      ["node", ({ fifo }) => ({ node: fifo.node }), ["a", "fifo"]],
      ["name", ({ a }) => ({ name: a.name }), ["a"]],
      ["node and queue", ({ fifo }) => ({ node: fifo.node, queue: "FifoQ" }), ["fifo"]],
      ["node and another's host", ({ fifo }) => ({ node: fifo.node, host: "b" }), []],
      ["nothing", () => ({}), ["a", "b", "fifo"]],
    ])("narrows by %s", async (_, filter, expected) => {
      const fixture = await setup();
      const fleet = await fleetOf(fixture);
      const { workers } = await fixture.storage.listWorkers({ filter: filter(fleet), limit: 10 });
      expect(workers.map(({ name }) => name)).toEqual(expected.map((each) => fleet[each].name).toSorted());
    });

    test("pages by name", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      const names = ["d", "b", "e", "a", "c"];
      for (const name of names) await make.worker({ name }, node);
      const page = async (limit: number, after?: string) => {
        const got = await storage.listWorkers({
          filter: {},
          limit,
          ...(after === undefined ? {} : { after }),
        });
        return [got.workers.map(({ name }) => name), got.next];
      };
      expect(await page(2)).toEqual([["a", "b"], "b"]);
      expect(await page(2, "b")).toEqual([["c", "d"], "d"]);
      expect(await page(2, "d")).toEqual([["e"], null]);
      expect(await page(5)).toEqual([["a", "b", "c", "d", "e"], null]);
    });
  });

  describe("stopWorkers", () => {
    test("flags the living ones that match and names each with its job", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      const idle = await make.worker({ name: "w1" }, node);
      const busy = await make.worker({ name: "w2" }, node);
      const dead = await make.worker({ name: "w3" }, node);
      await make.worker();
      const { token } = await make.started({}, busy);
      await storage.endWorker({ name: dead.name, as: "dead" });
      expect(await storage.stopWorkers({ op: make.op(), filter: { node: node.name } })).toEqual([
        { worker: idle.name, job: null },
        { worker: busy.name, job: token.id },
      ]);
    });

    test("of nobody is empty", async () => {
      const { storage, make } = await setup();
      await make.worker();
      expect(await storage.stopWorkers({ op: make.op(), filter: { name: "nobody" } })).toEqual([]);
      expect(await storage.stopWorkers({ op: make.op(), filter: { status: "dead" } })).toEqual([]);
    });
  });

  describe("suspendWorkers", () => {
    test("keeps new jobs away until it is resumed", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      await make.queued();
      const filter = { name: worker.name };
      expect(await storage.suspendWorkers({ filter, suspended: true })).toEqual({ workers: [worker.name] });
      expect(await make.claim(worker)).toBeNull();
      expect(await storage.suspendWorkers({ filter, suspended: false })).toEqual({ workers: [worker.name] });
      expect(await make.claim(worker)).not.toBeNull();
    });

    test("names the living ones that match, whether it changed them or not", async () => {
      const { storage, make } = await setup();
      const suspended = await make.workerIn("suspended");
      const idle = await make.workerIn("idle");
      await make.workerIn("dead");
      const { workers } = await storage.suspendWorkers({ filter: {}, suspended: true });
      expect(workers).toEqual([suspended.name, idle.name].toSorted());
    });
  });
}

type Fleet = Awaited<ReturnType<typeof fleetOf>>;

async function fleetOf({ make }: Fixture) {
  const node = await make.node();
  return {
    a: await make.worker({ queue: "pinned_a", host: "a" }, node),
    b: await make.worker({ queue: "pinned_b", host: "b" }),
    fifo: await make.worker({}, node),
  };
}
