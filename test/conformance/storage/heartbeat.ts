import { describe, expect, test } from "bun:test";
import type { RunToken } from "../../../src/core/job.ts";
import { noWork } from "../../../src/engine/node-work.ts";
import type { NodeRecord, Storage, WorkerState } from "../../../src/storage/storage.ts";
import { nodeReport } from "../../../src/worker/node-report.ts";
import { SECOND, T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

const NO_EVICTIONS = { idle: 0, displaced: 0 };

export function heartbeatConformance(setup: Setup): void {
  describe("heartbeat", () => {
    test("renews the leases of its runs, and only those", async () => {
      const { storage, make } = await setup();
      const mine = await make.started();
      const other = await make.started();
      const node = await make.node();
      const before = await storage.leases();
      expect(await beat(storage, node, [mine.token])).toMatchObject({ known: true, lost: [] });
      const after = await storage.leases();
      const grown = (id: string) => renewalOf(after, id) - renewalOf(before, id);
      expect(grown(mine.token.id)).toBe(1);
      expect(grown(other.token.id)).toBe(0);
    });

    test("brings back the aborts that were asked for, again and again until the run ends", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started();
      const other = await make.started();
      const node = await make.node();
      await storage.cancel({ op: make.op(), id: token.id, abort: true });
      for (let n = 0; n < 2; n++) {
        expect((await beat(storage, node, [token, other.token])).abort).toEqual([token.id]);
      }
    });

    test("brings back which of its living workers have to stop", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      const [one, two] = [await make.worker({}, node), await make.worker({}, node)];
      await make.worker();
      expect((await beat(storage, node)).stop).toEqual([]);
      await storage.stopWorkers({ op: make.op(), filter: {} });
      expect((await beat(storage, node)).stop).toEqual([one.name, two.name].toSorted());
      await storage.endWorker({ name: one.name, as: "dead" });
      expect((await beat(storage, node)).stop).toEqual([two.name]);
    });

    test("proves the node alive: its beat grows, its time is kept, its workers' too", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      await make.worker({}, node);
      const [before] = await storage.nodes();
      await beat(storage, node, [], T0 + SECOND);
      const [after] = await storage.nodes();
      expect(after?.beat).toBeGreaterThan(before?.beat ?? Number.NaN);
      expect(after).toEqual({ ...node, beat: after?.beat ?? 0, lastHeartbeat: T0 + SECOND, lost: false });
      const { workers } = await storage.listWorkers({ filter: {}, limit: 10 });
      expect(workers).toMatchObject([{ lastHeartbeat: T0 + SECOND }]);
    });

    test("stores what changed in its workers, and the memory of their hosts", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      const worker = await make.worker({ pid: 1 }, node);
      const state: WorkerState = { name: worker.name, pid: 42, session: "connected", sessionsOpened: 3 };
      await storage.heartbeat({ ...who(node), runs: [], workers: [state], hostMemory: { 42: 35.5 } });
      const { workers } = await storage.listWorkers({ filter: {}, limit: 10 });
      expect(workers).toMatchObject([{ pid: 42, session: "connected", sessionsOpened: 3, memoryMb: 35.5 }]);
    });

    test("stores what the node tells of itself, in place of what it told before, beside the memory", async () => {
      const { storage, make } = await setup();
      const node = await make.node({ name: "a" });
      const silent = await make.node({ name: "b" });
      await make.worker({ pid: 42 }, node);
      const told = async () => await storage.nodeReports({ now: T0 + SECOND });
      expect(await told()).toEqual([
        { name: "a", silentMs: SECOND, report: {} },
        { name: "b", silentMs: SECOND, report: {} },
      ]);
      const call = { ...who(node), runs: [], workers: [], hostMemory: { 42: 35.5 }, now: T0 + SECOND };
      for (const claims of [1, 7]) {
        await storage.heartbeat({ ...call, report: { ...nodeReport(noWork(), NO_EVICTIONS), claims } });
      }
      const [first] = await told();
      expect(first).toEqual({
        name: "a",
        silentMs: 0,
        report: { ...nodeReport(noWork(), NO_EVICTIONS), claims: 7 },
      });
      const { workers } = await storage.listWorkers({ filter: {}, limit: 10 });
      expect(workers).toMatchObject([{ memoryMb: 35.5 }]);
      await storage.registerNode({ node: { ...node, incarnation: "next" }, now: T0 });
      expect((await told())[0]).toEqual({ name: "a", silentMs: SECOND, report: {} });
      await storage.removeNode(silent);
      expect((await told()).map(({ name }) => name)).toEqual(["a"]);
    });

    test("does not change workers of others", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker({ pid: 1 });
      const state: WorkerState = { name: worker.name, pid: 42, session: "connected", sessionsOpened: 3 };
      await storage.heartbeat({
        ...who(await make.node()),
        runs: [],
        workers: [state],
        hostMemory: {},
      });
      const { workers } = await storage.listWorkers({ filter: {}, limit: 10 });
      expect(workers).toMatchObject([{ pid: 1, session: "none", sessionsOpened: 0 }]);
    });

    test.each(["never registered", "registered anew", "was declared lost", "was removed"])(
      "of an incarnation that %s is unknown, and nothing is renewed",
      async (fate) => {
        const { storage, make } = await setup();
        const { token } = await make.started();
        const node = { ...(await make.node()) };
        const [pulse] = (await storage.nodes()).filter(({ name }) => name === node.name);
        if (!pulse) throw new Error("the node is not listed");
        if (fate === "never registered") node.incarnation = "unheard of";
        if (fate === "registered anew")
          await storage.registerNode({ node: { ...node, incarnation: "next" } });
        if (fate === "was declared lost") await storage.loseNode(pulse);
        if (fate === "was removed") await storage.removeNode(node);
        const before = await storage.leases();
        expect(await beat(storage, node, [token])).toEqual({
          known: false,
          lost: [token.id],
          abort: [],
          stop: [],
        });
        expect(await storage.leases()).toEqual(before);
      },
    );

    test("renews a thousand leases in one call", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      const runs: RunToken[] = [];
      await make.queuedAll(Array.from({ length: 1_000 }, () => ({})));
      const workers = await Promise.all(Array.from({ length: 1_000 }, () => make.worker({}, node)));
      const requests = workers.map(({ name, queue }) => ({ worker: name, queue }));
      for (const claim of await storage.claim({ op: make.op(), ...who(node), requests, now: T0 })) {
        runs.push(claim.token);
      }
      expect(runs).toHaveLength(1_000);
      expect(await beat(storage, node, runs)).toMatchObject({ known: true, lost: [] });
    });
  });

  describe("leases", () => {
    test("are those of started jobs, with who runs them", async () => {
      const { storage, make } = await setup();
      await make.queued();
      await make.inStatus("finished");
      const { token, worker, job } = await make.started();
      expect(await storage.leases()).toEqual([
        { token, node: job.node ?? "", worker, renewal: expect.any(Number) as never },
      ]);
    });
  });
}

function who(node: NodeRecord) {
  return { node: node.name, incarnation: node.incarnation };
}

function beat(storage: Storage, node: NodeRecord, runs: RunToken[] = [], now = T0) {
  return storage.heartbeat({ ...who(node), runs, workers: [], hostMemory: {}, now });
}

function renewalOf(leases: { token: RunToken; renewal: number }[], id: string): number {
  const lease = leases.find(({ token }) => token.id === id);
  if (!lease) throw new Error(`${id} has no lease`);
  return lease.renewal;
}
