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

  describe("listHostKeys", () => {
    const places = [
      { site: null, host: "10.0.0.1", port: 22 },
      { site: null, host: "10.0.0.1", port: 2222 },
      { site: null, host: "2001:db8::1", port: 22 },
      { site: "Bonn", host: "10.0.0.1", port: 22 },
      { site: "berlin", host: "10.0.0.1", port: 22 },
    ];

    test("lists what is known, those without a site first, then by site, host and port", async () => {
      const { storage } = await setup();
      expect(await storage.listHostKeys({ filter: {}, limit: 10 })).toEqual({ keys: [], next: null });
      for (const [n, place] of places.toReversed().entries()) {
        await storage.checkHostKey({ ...KEY, ...place, now: 1_700_000_000_000 + n });
      }
      const { keys, next } = await storage.listHostKeys({ filter: {}, limit: 5 });
      const { algorithm, fingerprint } = KEY;
      expect(keys).toEqual(
        places.map((place, n) => ({ ...place, algorithm, fingerprint, firstSeen: 1_700_000_000_004 - n })),
      );
      expect(next).toBeNull();
    });

    test("in pages: each key once, also while others come and go", async () => {
      const { storage } = await setup();
      for (const place of places) await storage.checkHostKey({ ...KEY, ...place });
      const first = await storage.listHostKeys({ filter: {}, limit: 2 });
      await storage.forgetHostKey(places[1] ?? KEY);
      await storage.checkHostKey({ ...KEY, host: "10.0.0.0" });
      const second = await storage.listHostKeys({ filter: {}, limit: 2, after: first.next ?? "" });
      const third = await storage.listHostKeys({ filter: {}, limit: 2, after: second.next ?? "" });
      expect(third.next).toBeNull();
      const listed = [first, second, third].flatMap(({ keys }) => keys);
      expect(listed.map(({ site, host, port }) => ({ site, host, port }))).toEqual(places);
    });

    test.each([
      ["host", { host: "10.0.0.1" }, [0, 1, 3, 4]],
      ["port", { port: 2222 }, [1]],
      ["site", { site: "Bonn" }, [3]],
      ["no site", { site: null }, [0, 1, 2]],
      ["device", { site: null, host: "10.0.0.1", port: 22 }, [0]],
      ["unknown host", { host: "10.0.0.9" }, []],
    ])("of a %s", async (_, filter, expected) => {
      const { storage } = await setup();
      for (const place of places) await storage.checkHostKey({ ...KEY, ...place });
      const { keys } = await storage.listHostKeys({ filter, limit: 10 });
      expect(keys.map(({ site, host, port }) => ({ site, host, port }))).toEqual(
        expected.map((n) => places[n] ?? KEY),
      );
    });

    test("more than one step of a scan holds", async () => {
      const { storage } = await setup();
      const hosts = Array.from({ length: 1500 }, (_, n) => `r${String(n).padStart(4, "0")}`);
      await Promise.all(hosts.map((host) => storage.checkHostKey({ ...KEY, host })));
      const first = await storage.listHostKeys({ filter: {}, limit: 1000 });
      const rest = await storage.listHostKeys({ filter: {}, limit: 1000, after: first.next ?? "" });
      expect([...first.keys, ...rest.keys].map(({ host }) => host)).toEqual(hosts);
    });
  });
}
