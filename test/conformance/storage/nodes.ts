import { describe, expect, test } from "bun:test";
import type { NodePulse, Storage } from "../../../src/storage/storage.ts";
import { HOUR, SECOND, T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

export function nodesConformance(setup: Setup): void {
  describe("registerNode", () => {
    test("announces the node", async () => {
      const { storage, make } = await setup();
      const node = await make.node({ capacity: 7 });
      expect(await storage.nodes()).toEqual([
        { ...node, beat: expect.any(Number) as never, lastHeartbeat: T0, lost: false },
      ]);
    });

    test.each([[["berlin", "Paris-2", null]], [[]], [null]])("keeps its sites: %p", async (sites) => {
      const { storage, make } = await setup();
      const node = await make.node({ sites });
      await storage.heartbeat({
        node: node.name,
        incarnation: node.incarnation,
        runs: [],
        workers: [],
        hostMemory: {},
      });
      expect((await pulseOf(storage, node.name)).sites).toEqual(sites);
    });

    test("a new incarnation may have other sites", async () => {
      const { storage, make } = await setup();
      const node = await make.node({ sites: ["berlin"] });
      await storage.registerNode({ node: { ...node, incarnation: "next", sites: ["paris"] } });
      expect((await pulseOf(storage, node.name)).sites).toEqual(["paris"]);
    });

    test("a repeat changes nothing", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      const worker = await make.worker({}, node);
      const before = await storage.nodes();
      await storage.registerNode({ node, now: T0 + SECOND });
      expect(await storage.nodes()).toEqual(before);
      expect(await statusOf(storage, worker.name)).toBe("idle");
    });

    test("a new incarnation declares the older one lost: its workers are dead, its pins free", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      const old = await make.worker({ queue: "pinned_a" }, node);
      const next = { ...node, incarnation: "next", pid: 101 };
      await storage.registerNode({ node: next, now: T0 + SECOND });
      expect(await storage.nodes()).toMatchObject([{ ...next, lastHeartbeat: T0 + SECOND, lost: false }]);
      expect(await statusOf(storage, old.name)).toBe("dead");
      await make.worker({ queue: "pinned_a" }, next);
    });
  });

  describe("loseNode", () => {
    test("makes its workers dead and its pins free, and nobody else's", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      const mine = await make.worker({ queue: "pinned_a" }, node);
      const other = await make.worker({ queue: "pinned_b" });
      const pulse = await pulseOf(storage, node.name);
      expect(await storage.loseNode({ ...pulse, now: T0 + SECOND })).toBe("lost");
      expect((await pulseOf(storage, node.name)).lost).toBe(true);
      expect(await statusOf(storage, mine.name)).toBe("dead");
      expect(await statusOf(storage, other.name)).toBe("idle");
      await make.worker({ queue: "pinned_a" });
    });

    test("leaves a node alone that has beaten since", async () => {
      const { storage, make } = await setup();
      const { name: node, incarnation } = await make.node();
      const worker = await make.worker({}, { name: node, incarnation });
      const pulse = await pulseOf(storage, node);
      await storage.heartbeat({ node, incarnation, runs: [], workers: [], hostMemory: {} });
      expect(await storage.loseNode(pulse)).toBe("alive");
      expect(await statusOf(storage, worker.name)).toBe("idle");
    });

    test("does nothing to a newer incarnation", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      const pulse = await pulseOf(storage, node.name);
      await storage.registerNode({ node: { ...node, incarnation: "next" } });
      expect(await storage.loseNode(pulse)).toBe("lost");
      expect((await pulseOf(storage, node.name)).lost).toBe(false);
    });

    test("may be repeated, and is true of a node that is gone", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      const pulse = await pulseOf(storage, node.name);
      await storage.loseNode(pulse);
      expect(await storage.loseNode(pulse)).toBe("lost");
      expect(await storage.loseNode({ ...pulse, name: "never heard of" })).toBe("lost");
    });

    test("leaves its runs to their own leases", async () => {
      const { storage, make } = await setup();
      const { job } = await make.started();
      await storage.loseNode(await pulseOf(storage, job.node ?? ""));
      expect(await storage.leases()).toHaveLength(1);
    });
  });

  describe("removeNode", () => {
    test("takes the node and its living workers off the list", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      await make.worker({ queue: "pinned_a" }, node);
      const dead = await make.worker({}, node);
      await storage.endWorker({ name: dead.name, as: "dead" });
      await storage.removeNode(node);
      expect(await storage.nodes()).toEqual([]);
      const { workers } = await storage.listWorkers({ filter: {}, limit: 10 });
      expect(workers.map(({ name }) => name)).toEqual([dead.name]);
      await make.worker({ queue: "pinned_a" });
    });

    test("does nothing while it holds a started job, or for another incarnation", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      await make.started({}, await make.worker({}, node));
      await storage.removeNode(node);
      expect(await storage.nodes()).toHaveLength(1);
      const other = await make.node();
      await storage.removeNode({ ...other, incarnation: "older" });
      expect(await storage.nodes()).toHaveLength(2);
    });
  });

  describe("a lost node", () => {
    test("is forgotten with the last of its dead workers", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      await make.worker({}, node);
      await storage.loseNode({ ...(await pulseOf(storage, node.name)), now: T0 + HOUR });
      await storage.pruneWorkers({ diedBefore: T0 + HOUR });
      expect(await storage.nodes()).toHaveLength(1);
      expect(await storage.pruneWorkers({ diedBefore: T0 + HOUR + 1 })).toEqual({ pruned: 1 });
      expect(await storage.nodes()).toEqual([]);
    });
  });
}

async function pulseOf(storage: Storage, name: string): Promise<NodePulse> {
  const pulse = (await storage.nodes()).find((node) => node.name === name);
  if (!pulse) throw new Error(`${name} is not listed`);
  return pulse;
}

async function statusOf(storage: Storage, name: string): Promise<string | undefined> {
  const { workers } = await storage.listWorkers({ filter: { name }, limit: 1 });
  return workers[0]?.status;
}
