import { describe, expect, test } from "bun:test";
import { succeeded } from "../../../src/storage/storage.ts";
import { LOST, MINUTE, SECOND, T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

export function operationsConformance(setup: Setup): void {
  describe("a call repeated under its operation id", () => {
    test("claim: gets the same runs and starts no other job", async () => {
      const { storage, make } = await setup();
      await make.queuedAll([{}, {}, {}]);
      const node = await make.node();
      const workers = [await make.worker({}, node), await make.worker({}, node)];
      const requests = workers.map(({ name, queue }) => ({ worker: name, queue }));
      const call = { op: make.op(), node: node.name, incarnation: node.incarnation, requests, now: T0 };
      const first = await storage.claim(call);
      expect(first).toHaveLength(2);
      expect(await storage.claim({ ...call, now: T0 + SECOND })).toEqual(first);
      expect(await storage.counts()).toMatchObject({ queued: 1, started: 2 });
    });

    test("claim: nothing stays nothing", async () => {
      const { storage, make } = await setup();
      const { name, node, incarnation, queue } = await make.worker();
      const call = { op: make.op(), node, incarnation, requests: [{ worker: name, queue }], now: T0 };
      expect(await storage.claim(call)).toEqual([]);
      await make.queued();
      expect(await storage.claim(call)).toEqual([]);
    });

    test("claim: a run that is over is not handed out again", async () => {
      const { storage, make } = await setup();
      await make.queuedAll([{}, {}]);
      const node = await make.node();
      const workers = [await make.worker({}, node), await make.worker({}, node)];
      const requests = workers.map(({ name, queue }) => ({ worker: name, queue }));
      const call = { op: make.op(), node: node.name, incarnation: node.incarnation, requests, now: T0 };
      const [ended, lost] = await storage.claim(call);
      if (!ended || !lost) throw new Error("two claims were expected");
      await make.settle(ended.token, succeeded());
      await storage.reap({ leases: await storage.leases(), error: LOST });
      expect(await storage.claim(call)).toEqual([]);
    });

    test("claim: two at once are one", async () => {
      const { storage, connect, make } = await setup();
      await make.queuedAll([{}, {}]);
      const other = await connect();
      const { name, node, incarnation, queue } = await make.worker();
      const call = { op: make.op(), node, incarnation, requests: [{ worker: name, queue }], now: T0 };
      const [one, two] = await Promise.all([storage.claim(call), other.claim(call)]);
      expect(one).toHaveLength(1);
      expect(two).toEqual(one);
    });

    test.each(["queued", "started", "finished"] as const)("cancel of a %s job", async (status) => {
      const { storage, make } = await setup();
      const { id } = await make.inStatus(status);
      const call = { op: make.op(), id, abort: true, now: T0 };
      const first = await storage.cancel(call);
      const before = await storage.get({ ids: [id] });
      expect(await storage.cancel({ ...call, now: T0 + SECOND })).toEqual(first);
      expect(await storage.get({ ids: [id] })).toEqual(before);
    });

    test("cancel of an unknown job, which has arrived meanwhile", async () => {
      const { storage, make } = await setup();
      const job = make.newJob();
      const call = { op: make.op(), id: job.id, abort: false };
      expect(await storage.cancel(call)).toEqual({ outcome: "not_found" });
      await storage.enqueue({ jobs: [job] });
      expect(await storage.cancel(call)).toEqual({ outcome: "not_found" });
      expect(await storage.counts()).toMatchObject({ queued: 1 });
    });

    test("cancelQueued: names the same jobs and spares those that came later", async () => {
      const { storage, make } = await setup();
      await make.queuedAll(Array.from({ length: 700 }, () => ({})));
      const call = { op: make.op(), filter: {} };
      const first = await storage.cancelQueued(call);
      await make.queued();
      expect(await storage.cancelQueued(call)).toEqual(first);
      expect(await storage.counts()).toMatchObject({ queued: 1, cancelled: 700 });
    });

    test("stopWorkers: names the same workers", async () => {
      const { storage, make } = await setup();
      await make.workerIn("busy");
      const call = { op: make.op(), filter: {} };
      const first = await storage.stopWorkers(call);
      const later = await make.worker();
      expect(await storage.stopWorkers(call)).toEqual(first);
      await make.queued();
      expect(await make.claim(later)).not.toBeNull();
    });

    test("is remembered for ten minutes at least, then forgotten", async () => {
      const { storage, make, footprint } = await setup();
      const empty = await footprint();
      const job = make.newJob({ resultTtlMs: 0 });
      const call = { op: make.op(), id: job.id, abort: false, now: T0 };
      expect(await storage.cancel(call)).toEqual({ outcome: "not_found" });
      await storage.enqueue({ jobs: [job], now: T0 });
      await storage.prune({ max: 10, now: T0 + 10 * MINUTE - 1 });
      expect(await storage.cancel(call)).toEqual({ outcome: "not_found" });
      expect(await storage.cancel({ ...call, op: make.op() })).toEqual({ outcome: "cancelled" });
      await storage.prune({ max: 10, now: T0 + 20 * MINUTE });
      expect(await footprint()).toBe(empty);
    });
  });

  describe("another operation id", () => {
    test("is another call", async () => {
      const { storage, make } = await setup();
      const { id } = await make.queued();
      expect(await storage.cancel({ op: make.op(), id, abort: false })).toEqual({ outcome: "cancelled" });
      expect(await storage.cancel({ op: make.op(), id, abort: false })).toEqual({
        outcome: "ended",
        status: "cancelled",
      });
    });
  });
}
