import { describe, expect, test } from "bun:test";
import type { StoredKey } from "../../../src/storage/api-keys.ts";
import { T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

const KEY: StoredKey = {
  name: "ci",
  id: "k1",
  hash: "00ff",
  scopes: ["read", "exec"],
  devices: { allow: ["10.0.0.0/8", "*.lab"], deny: [] },
  commands: { allow: null, deny: ["reload", "show running-config"] },
  createdAt: T0,
  expiresAt: T0 + 1,
  perMinute: 60,
};

export function apiKeysConformance(setup: Setup): void {
  describe("API keys", () => {
    test("are found by their id, as they were stored", async () => {
      const { storage, connect } = await setup();
      const other = await connect();
      expect(await storage.findKey({ id: KEY.id })).toBeNull();
      expect(await storage.addKey({ key: KEY })).toBe("added");
      expect(await other.findKey({ id: KEY.id })).toEqual(KEY);
      expect(await other.findKey({ id: "k" })).toBeNull();
      expect(await other.findKey({ id: KEY.name })).toBeNull();
    });

    test("what is absent, and lists that are empty, come back as they were", async () => {
      const { storage } = await setup();
      const plain = {
        ...KEY,
        scopes: [],
        devices: { allow: [], deny: [] },
        expiresAt: null,
        perMinute: null,
      };
      await storage.addKey({ key: plain });
      expect(await storage.findKey({ id: KEY.id })).toEqual(plain);
    });

    test.each([
      ["name", { id: "k2" }],
      ["id", { name: "other" }],
    ])("one of the same %s is not stored", async (_, change) => {
      const { storage } = await setup();
      await storage.addKey({ key: KEY });
      expect(await storage.addKey({ key: { ...KEY, hash: "11", ...change } })).toBe("taken");
      expect(await storage.listKeys({ limit: 10 })).toEqual({ keys: [KEY], next: null });
    });

    test("of two of one name at once one is stored", async () => {
      const { storage, connect } = await setup();
      const other = await connect();
      const both = await Promise.all([
        storage.addKey({ key: KEY }),
        other.addKey({ key: { ...KEY, id: "k2" } }),
      ]);
      expect(both.toSorted()).toEqual(["added", "taken"]);
    });

    test("one that is revoked opens nothing, leaves nothing, and gives its name free", async () => {
      const { storage, connect, footprint } = await setup();
      const other = await connect();
      const before = await footprint();
      expect(await storage.revokeKey({ name: KEY.name })).toBe("unknown");
      await storage.addKey({ key: KEY });
      expect(await other.revokeKey({ name: KEY.name })).toBe("revoked");
      expect(await storage.findKey({ id: KEY.id })).toBeNull();
      expect(await storage.revokeKey({ name: KEY.name })).toBe("unknown");
      expect(await footprint()).toBe(before);
      expect(await storage.addKey({ key: { ...KEY, id: "k2" } })).toBe("added");
      expect(await storage.findKey({ id: KEY.id })).toBeNull();
    });

    test("are listed in pages, by name", async () => {
      const { storage } = await setup();
      const all = ["a", "b", "c", "d"].map((name) => ({ ...KEY, name, id: `id-${name}` }));
      for (const key of all.toReversed()) await storage.addKey({ key });
      expect(await storage.listKeys({ limit: 3 })).toEqual({ keys: all.slice(0, 3), next: "c" });
      await storage.revokeKey({ name: "c" });
      expect(await storage.listKeys({ limit: 3, after: "c" })).toEqual({ keys: all.slice(3), next: null });
    });
  });
}
