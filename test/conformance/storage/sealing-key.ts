import { describe, expect, test } from "bun:test";
import type { SealedItem, SealedKind, SealingKeyStore } from "../../../src/storage/sealing-key.ts";
import type { KnownTask } from "../../../src/storage/tasks.ts";
import { T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

const ONE = "0011223344556677";
const TWO = "8899aabbccddeeff";

export function sealingKeyConformance(setup: Setup): void {
  describe("checkSealingKey", () => {
    test("records the first key and compares ever after", async () => {
      const { storage, connect } = await setup();
      expect(await storage.checkSealingKey({ keyId: "0011223344556677" })).toBe("recorded");
      expect(await storage.checkSealingKey({ keyId: "0011223344556677" })).toBe("same");
      expect(await storage.checkSealingKey({ keyId: "8899aabbccddeeff" })).toBe("changed");
      const other = await connect();
      expect(await other.checkSealingKey({ keyId: "8899aabbccddeeff" })).toBe("changed");
      expect(await other.checkSealingKey({ keyId: "0011223344556677" })).toBe("same");
    });

    test("of two that come first at once one is recorded and decides", async () => {
      const { storage, connect } = await setup();
      const other = await connect();
      const verdicts = await Promise.all([
        storage.checkSealingKey({ keyId: "0011223344556677" }),
        other.checkSealingKey({ keyId: "8899aabbccddeeff" }),
      ]);
      expect(verdicts.toSorted()).toEqual(["changed", "recorded"]);
    });
  });

  describe("changing the sealing key", () => {
    test("names both keys until it is over, and may be begun twice", async () => {
      const { storage, connect } = await setup();
      const other = await connect();
      expect(await storage.sealingKeys()).toEqual({ current: null, previous: null });
      await storage.checkSealingKey({ keyId: ONE });
      expect(await storage.changeSealingKey({ from: TWO, to: ONE })).toBe("other");
      expect(await storage.changeSealingKey({ from: ONE, to: TWO })).toBe("changed");
      expect(await other.changeSealingKey({ from: ONE, to: TWO })).toBe("changed");
      expect(await other.sealingKeys()).toEqual({ current: TWO, previous: ONE });
      expect(await other.checkSealingKey({ keyId: ONE })).toBe("changed");
      expect(await other.changeSealingKey({ from: TWO, to: "ffeeddccbbaa9988" })).toBe("other");
      await storage.endKeyChange({ current: ONE });
      expect(await storage.sealingKeys()).toEqual({ current: TWO, previous: ONE });
      await storage.endKeyChange({ current: TWO });
      expect(await other.sealingKeys()).toEqual({ current: TWO, previous: null });
    });

    test("of two changes at once one is made", async () => {
      const { storage, connect } = await setup();
      const other = await connect();
      await storage.checkSealingKey({ keyId: ONE });
      const both = await Promise.all([
        storage.changeSealingKey({ from: ONE, to: TWO }),
        other.changeSealingKey({ from: ONE, to: "ffeeddccbbaa9988" }),
      ]);
      expect(both.toSorted()).toEqual(["changed", "other"]);
    });
  });

  describe("what is sealed", () => {
    const everything = async (storage: SealingKeyStore, kind: SealedKind, limit: number) => {
      const all: SealedItem[] = [];
      let after: string | null = null;
      do {
        const page: Awaited<ReturnType<SealingKeyStore["listSealed"]>> = await storage.listSealed({
          kind,
          limit,
          ...(after !== null && { after }),
        });
        if (kind !== "webhooks") expect(page.items.length).toBeLessThanOrEqual(limit);
        all.push(...page.items);
        after = page.next;
      } while (after !== null);
      return all
        .map(({ id, sealed }) => ({ id, sealed: Buffer.from(sealed) }))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    };

    test("of jobs that have not ended is listed in pages, small and large, and sealed anew where it is the same still", async () => {
      const { storage, connect, make } = await setup();
      const other = await connect();
      const sealedOf = (n: number) => Buffer.alloc(n % 2 === 0 ? 40 : 5000, n);
      const given = [0, 1, 2, 3, 4].map((n) => ({ queue: `pinned_${n}`, sealed: sealedOf(n) }));
      const queued = await make.queuedAll(given);
      const started = [
        await make.started({ sealed: sealedOf(5) }),
        await make.started({ sealed: sealedOf(6) }),
      ];
      const ended = queued[2]?.id ?? "";
      await storage.cancel({ op: make.op(), id: ended, abort: false });
      const left = [
        ...queued.map(({ id }, n) => ({ id, sealed: sealedOf(n) })).filter(({ id }) => id !== ended),
      ];
      left.push(...started.map(({ token }, n) => ({ id: token.id, sealed: sealedOf(5 + n) })));
      left.sort((a, b) => (a.id < b.id ? -1 : 1));
      const found = await everything(other, "jobs", 2);
      expect(found.map(({ id, sealed }) => ({ id, sealed: Buffer.from(sealed) }))).toEqual(left);
      const items = left.map((item) => ({ ...item, resealed: Buffer.alloc(item.sealed.length, 99) }));
      const gone = { id: ended, sealed: sealedOf(2), resealed: sealedOf(4) };
      const stale = { id: left[0]?.id ?? "", sealed: Buffer.alloc(40, 77), resealed: Buffer.alloc(40, 78) };
      expect(await storage.reseal({ kind: "jobs", items: [...items, gone, stale] })).toEqual({ count: 6 });
      const now = await everything(other, "jobs", 100);
      expect(now.map(({ id, sealed }) => ({ id, sealed: Buffer.from(sealed) }))).toEqual(
        items.map(({ id, resealed }) => ({ id, sealed: resealed })),
      );
    });

    test("anew is what a job is claimed with", async () => {
      const { storage, make } = await setup();
      const sealed = Buffer.alloc(64, 1);
      const { id } = await make.queued({ sealed });
      const resealed = Buffer.alloc(64, 2);
      await storage.reseal({ kind: "jobs", items: [{ id, sealed, resealed }] });
      const claim = await make.mustClaim(await make.worker());
      expect([claim.token.id, Buffer.from(claim.sealed)]).toEqual([id, resealed]);
    });

    test("of webhooks as well, by their jobs, until they are delivered", async () => {
      const { storage, connect, make } = await setup();
      const other = await connect();
      const sealedOf = (n: number) => Buffer.alloc(20, n);
      const webhook = (n: number) => ({ target: "https://ops:443", timeoutMs: 1000, sealed: sealedOf(n) });
      const jobs = await make.queuedAll(
        [0, 1, 2].map((n) => ({ queue: `pinned_${n}`, webhook: webhook(n) })),
      );
      await make.queued();
      const all = jobs
        .map(({ id }, n) => ({ id, sealed: sealedOf(n) }))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      expect(await everything(other, "webhooks", 2)).toEqual(all);
      const items = all.map((item) => ({ ...item, resealed: sealedOf(50) }));
      expect(await storage.reseal({ kind: "webhooks", items })).toEqual({ count: 3 });
      expect(await storage.reseal({ kind: "webhooks", items })).toEqual({ count: 0 });
      await storage.cancel({ op: make.op(), id: all[0]?.id ?? "", abort: false });
      const { claims } = await other.claimDeliveries({ max: 9, perTarget: 9, busy: {}, marginMs: 1000 });
      expect(claims.map(({ sealed }) => Buffer.from(sealed))).toEqual([sealedOf(50)]);
    });

    test("of tasks and secrets as well, and what else is known of them stays", async () => {
      const { storage, connect } = await setup();
      const other = await connect();
      const task: KnownTask = {
        id: "task_1",
        site: null,
        host: "10.0.0.1",
        driver: "linux",
        command: "make",
        state: "launching",
        createdAt: T0,
        expiresAt: 9e15,
        sealed: Buffer.from([1, 2, 3]),
      };
      const secret = {
        name: "core",
        sealed: Buffer.from([4, 5]),
        fields: ["password"],
        devices: null,
        changedAt: T0,
      };
      await storage.putTask({ task });
      await storage.markTask({ id: task.id, state: "running" });
      await storage.putSecret({ secret });
      expect(await everything(other, "tasks", 5)).toEqual([
        { id: task.id, sealed: Buffer.from(task.sealed) },
      ]);
      expect(await everything(other, "secrets", 5)).toEqual([{ id: secret.name, sealed: secret.sealed }]);
      const resealed = Buffer.from([7, 8, 9]);
      const items = (id: string, sealed: Uint8Array) => [{ id, sealed, resealed }];
      expect(await storage.reseal({ kind: "tasks", items: items(task.id, task.sealed) })).toEqual({
        count: 1,
      });
      expect(await storage.reseal({ kind: "tasks", items: items(task.id, task.sealed) })).toEqual({
        count: 0,
      });
      expect(await storage.reseal({ kind: "secrets", items: items("core", secret.sealed) })).toEqual({
        count: 1,
      });
      expect(await storage.reseal({ kind: "secrets", items: items("no", secret.sealed) })).toEqual({
        count: 0,
      });
      expect(await other.getTask({ id: task.id })).toEqual({ ...task, state: "running", sealed: resealed });
      expect(await other.getSecret({ name: "core" })).toEqual({ ...secret, sealed: resealed });
    });
  });
}
