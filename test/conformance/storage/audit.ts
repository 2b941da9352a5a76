import { describe, expect, test } from "bun:test";
import type { AuditEntry, AuditFilter } from "../../../src/storage/audit.ts";
import { MINUTE, T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

const ENTRY: AuditEntry = {
  actor: "ci",
  action: "exec",
  outcome: "done",
  host: "10.0.0.1",
  site: null,
  job: "job_1",
  batch: null,
  detail: "show version",
};
const NOTHING: AuditEntry = {
  actor: "local:root",
  action: "revoke_key",
  outcome: "done",
  host: null,
  site: null,
  job: null,
  batch: null,
  detail: null,
};

export function auditConformance(setup: Setup): void {
  describe("the audit log", () => {
    test("lists what was written, the newest first", async () => {
      const { storage, connect } = await setup();
      const other = await connect();
      expect(await storage.listAudit({ filter: {}, limit: 10 })).toEqual({ entries: [], next: null });
      await storage.appendAudit({ entries: [ENTRY, NOTHING], now: T0 });
      await other.appendAudit({ entries: [{ ...ENTRY, site: "bonn", batch: "batch_1" }], now: T0 + 1 });
      const { entries, next } = await storage.listAudit({ filter: {}, limit: 10 });
      expect(entries).toEqual([
        { ...ENTRY, site: "bonn", batch: "batch_1", at: T0 + 1 },
        { ...NOTHING, at: T0 },
        { ...ENTRY, at: T0 },
      ]);
      expect(next).toBeNull();
    });

    test("takes its moments from the store's clock", async () => {
      const { storage } = await setup();
      await storage.appendAudit({ entries: [ENTRY] });
      const { entries } = await storage.listAudit({ filter: {}, limit: 1 });
      expect(Math.abs((entries[0]?.at ?? 0) - Date.now())).toBeLessThan(MINUTE);
    });

    test("in pages: each entry once, also while others come", async () => {
      const { storage } = await setup();
      const details = Array.from({ length: 5 }, (_, n) => String(n));
      await storage.appendAudit({ entries: details.map((detail) => ({ ...ENTRY, detail })) });
      const listed: (string | null)[] = [];
      let after: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof storage.listAudit>> = await storage.listAudit({
          filter: {},
          limit: 2,
          ...(after !== null && { after }),
        });
        listed.push(...page.entries.map(({ detail }) => detail));
        after = page.next;
        await storage.appendAudit({ entries: [{ ...ENTRY, detail: "later" }] });
      } while (after !== null);
      expect(listed).toEqual(details.toReversed());
    });

    test.each<[string, AuditFilter, number[]]>([
      ["actor", { actor: "b" }, [1]],
      ["action", { action: "cancel" }, [2]],
      ["outcome", { outcome: "refused" }, [3]],
      ["host", { host: "r2" }, [4, 5]],
      ["host and site", { host: "r2", site: "bonn" }, [5]],
      ["job", { job: "job_6" }, [6]],
      ["batch", { batch: "batch_7" }, [7]],
      ["moment on", { since: T0 + 6 }, [6, 7]],
      ["time before a moment", { until: T0 + 2 }, [0, 1]],
      ["several that no entry fits", { actor: "b", host: "r2" }, []],
    ])("by %s", async (_, filter, expected) => {
      const { storage } = await setup();
      const changes: Partial<AuditEntry>[] = [
        {},
        { actor: "b" },
        { action: "cancel" },
        { outcome: "refused" },
        { host: "r2" },
        { host: "r2", site: "bonn" },
        { job: "job_6" },
        { batch: "batch_7" },
      ];
      for (const [n, change] of changes.entries()) {
        await storage.appendAudit({ entries: [{ ...ENTRY, ...change }], now: T0 + n });
      }
      const { entries } = await storage.listAudit({ filter, limit: 10 });
      expect(entries.map(({ at }) => at - T0)).toEqual(expected.toReversed());
    });

    test("finds an entry behind thousands of others", async () => {
      const { storage } = await setup();
      await storage.appendAudit({ entries: [{ ...ENTRY, actor: "b" }] });
      for (let part = 0; part < 9; part++) {
        await storage.appendAudit({ entries: Array.from({ length: 500 }, () => ENTRY) });
      }
      const { entries } = await storage.listAudit({ filter: { actor: "b" }, limit: 10 });
      expect(entries.map(({ actor }) => actor)).toEqual(["b"]);
    });

    test("forgets the oldest first, as far as they are old, and leaves nothing behind", async () => {
      const { storage, footprint } = await setup();
      const before = await footprint();
      for (const n of [0, 1, 2, 3]) await storage.appendAudit({ entries: [ENTRY], now: T0 + n });
      expect(await storage.pruneAudit({ before: T0, max: 10 })).toEqual({ pruned: 0 });
      expect(await storage.pruneAudit({ before: T0 + 3, max: 2 })).toEqual({ pruned: 2 });
      expect(await storage.pruneAudit({ before: T0 + 3, max: 2 })).toEqual({ pruned: 1 });
      const { entries } = await storage.listAudit({ filter: {}, limit: 10 });
      expect(entries.map(({ at }) => at)).toEqual([T0 + 3]);
      expect(await storage.pruneAudit({ before: T0 + 9, max: 2 })).toEqual({ pruned: 1 });
      expect(await footprint()).toBe(before);
    });
  });
}
