import { describe, expect, test } from "bun:test";
import type { RunToken } from "../../../src/core/job.ts";
import type { NewWorker, Storage } from "../../../src/storage/storage.ts";
import { HOUR, LOST, MINUTE, T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

export function leasesConformance(setup: Setup): void {
  describe("a lease", () => {
    test("grows with every renewal, through whichever connection it comes", async () => {
      const { storage, connect, make } = await setup();
      const stores = [storage, await connect(), await connect()];
      const worker = await make.worker();
      const { token } = await make.started({}, worker);
      const seen: number[] = [await renewal(storage)];
      for (let n = 0; n < 12; n++) {
        await beat(stores[n % 3] ?? storage, worker, [token]);
        seen.push(await renewal(stores[(n + 1) % 3] ?? storage));
      }
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      expect(new Set(seen).size).toBe(seen.length);
    });

    test("stands still while everything but its own run goes on", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      const { token } = await make.started({}, worker);
      const before = await renewal(storage);
      const { token: other } = await make.started();
      await beat(storage, worker, []);
      await beat(storage, worker, [other]);
      await beat(storage, await make.worker(), [other]);
      await storage.cancel({ op: make.op(), id: token.id, abort: true });
      await storage.appendOutput({ token, offset: 0, bytes: new Uint8Array(9) });
      await make.settle({ ...token, nonce: "another" }, { kind: "released" });
      await storage.reap({ leases: [], error: LOST });
      const after = (await storage.leases()).find((lease) => lease.token.id === token.id);
      expect(after?.renewal).toBe(before);
      const [reaped] = await storage.reap({ leases: after ? [after] : [], error: LOST });
      expect(reaped).toBe("failed");
    });

    test("is no time: a renewal long ago, or far ahead, is a renewal", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      const { token } = await make.started({}, worker);
      for (const now of [T0 - 10_000 * HOUR, T0 + 10_000 * HOUR, T0]) {
        const before = await storage.leases();
        await beat(storage, worker, [token], now);
        expect(await storage.reap({ leases: before, error: LOST, now: T0 + HOUR })).toEqual(["alive"]);
      }
      expect(await storage.reap({ leases: await storage.leases(), error: LOST, now: T0 - HOUR })).toEqual([
        "failed",
      ]);
    });

    test("of hundreds of runs: just those that nobody renewed are reaped", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      const at = { name: worker.node, incarnation: worker.incarnation };
      await make.queuedAll(Array.from({ length: 300 }, () => ({})));
      const workers = await Promise.all(Array.from({ length: 300 }, () => make.worker({}, at)));
      const requests = workers.map(({ name, queue }) => ({ worker: name, queue }));
      const { node, incarnation } = worker;
      const claims = await storage.claim({ op: make.op(), node, incarnation, requests, now: T0 });
      const leases = await storage.leases();
      const renewed = claims.filter((_, n) => n % 2 === 0).map(({ token }) => token);
      await beat(storage, worker, renewed);
      const alive = new Set(renewed.map(({ id }) => id));
      expect(await storage.reap({ leases, error: LOST, now: T0 + MINUTE })).toEqual(
        leases.map(({ token }) => (alive.has(token.id) ? "alive" : "failed")),
      );
      expect(new Set((await storage.leases()).map(({ token }) => token.id))).toEqual(alive);
    });
  });
}

function beat(storage: Storage, { node, incarnation }: NewWorker, runs: RunToken[], now = T0) {
  return storage.heartbeat({ node, incarnation, runs, workers: [], hostMemory: {}, now });
}

async function renewal(storage: Storage): Promise<number> {
  const [lease] = await storage.leases();
  if (!lease) throw new Error("there is no lease");
  return lease.renewal;
}
