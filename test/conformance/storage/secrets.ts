import { describe, expect, test } from "bun:test";
import type { StoredSecret } from "../../../src/storage/secrets.ts";
import { T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

const SECRET: StoredSecret = {
  name: "core/admin",
  sealed: Buffer.from([1, 0, 255, 10, 13, 128]),
  fields: ["username", "password"],
  devices: ["10.0.0.0/8", "*.lab"],
  changedAt: T0,
};

export function secretsConformance(setup: Setup): void {
  describe("secrets", () => {
    test("are found by name, as they were stored", async () => {
      const { storage, connect } = await setup();
      const other = await connect();
      expect(await storage.getSecret({ name: SECRET.name })).toBeNull();
      expect(await storage.putSecret({ secret: SECRET })).toBe("added");
      expect(await other.getSecret({ name: SECRET.name })).toEqual(SECRET);
      const plain = { ...SECRET, name: "plain", fields: [], devices: null };
      await storage.putSecret({ secret: plain });
      expect(await other.getSecret({ name: "plain" })).toEqual(plain);
    });

    test("take each other's place under one name, unless the first is to stay", async () => {
      const { storage } = await setup();
      await storage.putSecret({ secret: SECRET });
      const other = { ...SECRET, sealed: Buffer.from([9]), devices: null };
      expect(await storage.putSecret({ secret: other, ifAbsent: true })).toBe("taken");
      expect(await storage.getSecret({ name: SECRET.name })).toEqual(SECRET);
      expect(await storage.putSecret({ secret: other })).toBe("replaced");
      expect(await storage.getSecret({ name: SECRET.name })).toEqual(other);
    });

    test("of two that are to be the first of a name one is stored", async () => {
      const { storage, connect } = await setup();
      const other = await connect();
      const both = await Promise.all([
        storage.putSecret({ secret: SECRET, ifAbsent: true }),
        other.putSecret({ secret: SECRET, ifAbsent: true }),
      ]);
      expect(both.toSorted()).toEqual(["added", "taken"]);
    });

    test("are listed in pages by name, and leave nothing behind", async () => {
      const { storage, connect, footprint } = await setup();
      const other = await connect();
      const before = await footprint();
      const all = ["a", "b/c", "d"].map((name) => ({ ...SECRET, name }));
      for (const secret of all.toReversed()) await storage.putSecret({ secret });
      expect(await other.listSecrets({ limit: 2 })).toEqual({ secrets: all.slice(0, 2), next: "b/c" });
      expect(await other.forgetSecret({ name: "b/c" })).toBe("forgotten");
      expect(await other.forgetSecret({ name: "b/c" })).toBe("unknown");
      expect(await storage.listSecrets({ limit: 2, after: "b/c" })).toEqual({
        secrets: all.slice(2),
        next: null,
      });
      for (const { name } of all) await storage.forgetSecret({ name });
      expect(await footprint()).toBe(before);
    });
  });
}
