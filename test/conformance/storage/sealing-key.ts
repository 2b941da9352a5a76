import { describe, expect, test } from "bun:test";
import type { Setup } from "./fixture.ts";

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
}
