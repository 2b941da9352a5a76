import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import fc from "fast-check";
import {
  createExchange,
  createGroup,
  groupPrime,
  limitGroupBits,
  MAX_GROUP_BITS,
  MAX_LEGACY_GROUP_BITS,
  modularPower,
} from "../../src/device/dh.ts";

/** SHA-256 of the primes' hexadecimal digits, as Node's OpenSSL has them. */
test.each([
  ["modp2", 1024, "603e8d652764bfa3"],
  ["modp5", 1536, "a7c305a29783f696"],
  ["modp14", 2048, "e71e1291b2af378f"],
  ["modp15", 3072, "30a45e27c3a0a6f9"],
  ["modp16", 4096, "233836aba654664f"],
  ["modp17", 6144, "b84b67a0c9b0d787"],
  ["modp18", 8192, "a408aa7fd5e69ae6"],
])("%s is the prime of the RFC, of %d bits", (name, bits, digest) => {
  const digits = groupPrime(name).toString(16);
  expect(digits.length * 4).toBe(bits);
  expect(createHash("sha256").update(digits).digest("hex").slice(0, 16)).toBe(digest);
});

test.each(["modp2", "modp14", "modp16", "modp18"])(
  "two sides of %s agree on a secret nobody sent",
  (name) => {
    const [a, b] = [createGroup(name), createGroup(name)];
    const [fromA, fromB] = [a.generateKeys(), b.generateKeys()];
    const secret = a.computeSecret(fromB);
    expect(b.computeSecret(fromA).equals(secret)).toBe(true);
    expect(createGroup(name).generateKeys().equals(fromA)).toBe(false);
    expect([secret, fromA, fromB, a.getPrime()].map(({ length }) => length)).toEqual(
      Array(4).fill(groupPrime(name).toString(16).length / 2),
    );
  },
);

test("a modular power is what repeated multiplication gives", () => {
  const number = fc.bigInt({ min: 0n, max: 2n ** 64n });
  fc.assert(
    fc.property(number, fc.integer({ min: 0, max: 300 }), number, (base, exponent, n) => {
      const modulus = n + 2n;
      let expected = 1n % modulus;
      for (let i = 0; i < exponent; i++) expected = (expected * base) % modulus;
      expect(modularPower(base, BigInt(exponent), modulus)).toBe(expected);
    }),
  );
});

test.each([
  ["modp14", 20],
  ["modp16", 20],
])("an exchange with %s holds the loop for less than %d ms at a time", (name, limit) => {
  const group = createGroup(name);
  const peer = createGroup(name).generateKeys();
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    group.computeSecret(peer);
    return performance.now() - start;
  });
  expect(Math.min(...times)).toBeLessThan(limit);
});

describe("a peer's value", () => {
  const p = groupPrime("modp14");
  test.each([
    ["0", 0n],
    ["1", 1n],
    ["p - 1", p - 1n],
    ["p", p],
    ["p + 2", p + 2n],
  ])("of %s is refused", (_what, value) => {
    expect(() => createGroup("modp14").computeSecret(bytes(value))).toThrow("not valid");
  });

  test("without bytes is refused", () => {
    expect(() => createGroup("modp14").computeSecret(new Uint8Array())).toThrow("not valid");
  });
});

describe("a group the server chose", () => {
  const prime = (name: string) => bytes(groupPrime(name));

  test("works like a named one", () => {
    const [a, b] = [createExchange(prime("modp15"), Uint8Array.of(2)), createExchange(prime("modp15"), 2)];
    const publicB = b.generateKeys();
    expect(b.computeSecret(a.generateKeys()).equals(a.computeSecret(publicB))).toBe(true);
  });

  test("is refused when it is too small, too large, even, or has no generator", () => {
    const refused = (p: Uint8Array, g: number | Uint8Array) => expect(() => createExchange(p, g)).toThrow();
    refused(bytes(2n ** 512n + 1n), 2);
    refused(prime("modp18"), 2);
    refused(bytes(groupPrime("modp14") - 1n), 2);
    for (const g of [0, 1]) refused(prime("modp14"), g);
    refused(prime("modp14"), bytes(groupPrime("modp14") - 1n));
    refused(new Uint8Array(), 2);
  });

  test("may be larger for a device that was given legacy", () => {
    limitGroupBits(MAX_LEGACY_GROUP_BITS);
    try {
      expect(createExchange(prime("modp18"), 2).getPrime().length).toBe(1024);
    } finally {
      limitGroupBits(MAX_GROUP_BITS);
    }
    expect(() => createExchange(prime("modp18"), 2)).toThrow("8192 bits, more than 4096");
  });
});

function bytes(value: bigint): Uint8Array {
  const digits = value.toString(16);
  return Buffer.from(digits.padStart(Math.ceil(digits.length / 2) * 2, "0"), "hex");
}
