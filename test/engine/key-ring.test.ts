import { expect, test } from "bun:test";
import { keyRing } from "../../src/engine/key-ring.ts";
import { keyIdOf, sealer } from "../../src/engine/seal.ts";

const [ONE, TWO, THREE] = [1, 2, 3].map((n) => new Uint8Array(32).fill(n)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const plain = new TextEncoder().encode("plain");
const idOf = (key: Uint8Array) => sealer(key).keyId;

test("a ring seals with its first key until it is told of another, and opens with any", () => {
  const ring = keyRing({ keys: [ONE, TWO] });
  const before = ring.seal("job_1", plain);
  expect(keyIdOf(before)).toBe(idOf(ONE));
  expect(ring.use(idOf(TWO))).toBe(true);
  const after = ring.seal("job_1", plain);
  expect(ring.keyId).toBe(idOf(TWO));
  expect(keyIdOf(after)).toBe(idOf(TWO));
  for (const sealed of [before, after]) expect(ring.open("job_1", sealed)).toEqual(Buffer.from(plain));
  expect(() => ring.open("job_2", before)).toThrow();
});

test("a key that is met and not known is looked for where keys are, and kept when it is there no more", () => {
  let there: Uint8Array[] = [];
  const ring = keyRing({ keys: [ONE], reread: () => there });
  const sealed = sealer(TWO).seal("job_1", plain);
  expect(() => ring.open("job_1", sealed)).toThrow("another key");
  expect(ring.use(idOf(TWO))).toBe(false);
  there = [ONE, TWO];
  expect(ring.open("job_1", sealed)).toEqual(Buffer.from(plain));
  there = [];
  expect(ring.open("job_1", sealed)).toEqual(Buffer.from(plain));
  expect(ring.has(idOf(THREE))).toBe(false);
});

test("fingerprints outlast a change of the key that seals", () => {
  const ring = keyRing({ keys: [ONE, TWO] });
  ring.printWith(THREE);
  const print = ring.fingerprint("body");
  ring.use(idOf(TWO));
  expect(ring.fingerprint("body")).toBe(print);
  expect(print).toBe(sealer(THREE).fingerprint("body"));
});

test("what is nothing of ours has no key", () => {
  expect(keyIdOf(new Uint8Array(100))).toBeNull();
  expect(keyIdOf(new Uint8Array(3))).toBeNull();
});
