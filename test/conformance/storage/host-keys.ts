import { describe, expect, test } from "bun:test";
import type { Setup } from "./fixture.ts";

const KEY = {
  site: null,
  host: "10.0.0.1",
  port: 22,
  algorithm: "ssh-ed25519",
  fingerprint: "SHA256:one",
  record: true,
};

export function hostKeysConformance(setup: Setup): void {
  describe("checkHostKey", () => {
    test("records the first key and compares it ever after", async () => {
      const { storage } = await setup();
      expect(await storage.checkHostKey(KEY)).toBe("recorded");
      expect(await storage.checkHostKey(KEY)).toBe("same");
      expect(await storage.checkHostKey({ ...KEY, fingerprint: "SHA256:two" })).toBe("changed");
      expect(await storage.checkHostKey(KEY)).toBe("same");
    });

    test("once forgotten, a device's next key is its first", async () => {
      const { storage } = await setup();
      const { site, host, port } = KEY;
      expect(await storage.forgetHostKey({ site, host, port })).toBe("unknown");
      await storage.checkHostKey(KEY);
      await storage.checkHostKey({ ...KEY, port: 2222 });
      expect(await storage.forgetHostKey({ site, host, port })).toBe("forgotten");
      expect(await storage.checkHostKey({ ...KEY, fingerprint: "SHA256:two" })).toBe("recorded");
      expect(await storage.checkHostKey({ ...KEY, port: 2222 })).toBe("same");
    });

    test("a key of another algorithm is another key", async () => {
      const { storage } = await setup();
      await storage.checkHostKey(KEY);
      expect(await storage.checkHostKey({ ...KEY, algorithm: "ssh-rsa" })).toBe("changed");
    });

    test("without leave to record it only compares", async () => {
      const { storage } = await setup();
      const strict = { ...KEY, record: false };
      expect(await storage.checkHostKey(strict)).toBe("unknown");
      expect(await storage.checkHostKey(strict)).toBe("unknown");
      await storage.checkHostKey(KEY);
      expect(await storage.checkHostKey(strict)).toBe("same");
      expect(await storage.checkHostKey({ ...strict, fingerprint: "SHA256:two" })).toBe("changed");
    });

    test.each([
      ["port", { port: 2222 }],
      ["host", { host: "10.0.0.2" }],
      ["site", { site: "berlin" }],
    ])("another %s is another device", async (_, other) => {
      const { storage } = await setup();
      await storage.checkHostKey(KEY);
      expect(await storage.checkHostKey({ ...KEY, ...other, fingerprint: "SHA256:two" })).toBe("recorded");
      expect(await storage.checkHostKey(KEY)).toBe("same");
    });

    test("of two first uses at once one is recorded and decides", async () => {
      const { storage, connect } = await setup();
      const other = await connect();
      const verdicts = await Promise.all([
        storage.checkHostKey(KEY),
        other.checkHostKey({ ...KEY, fingerprint: "SHA256:two" }),
      ]);
      expect(verdicts.toSorted()).toEqual(["changed", "recorded"]);
    });
  });
}
