import { expect, test } from "bun:test";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sealer } from "../../src/engine/seal.ts";
import { loadSecretKeys, readKeyFile, writeKeyFile } from "../../src/engine/secret-key.ts";
import { tempDir } from "../support/tempdir.ts";

const KEY = new Uint8Array(32).fill(7);
const NONE = { configured: null, previous: null };
const plain = new TextEncoder().encode('{"password":"hunter2"}');

test("what was sealed for a job opens for that job with that key", () => {
  expect(sealer(KEY).open("job_1", sealer(KEY).seal("job_1", plain))).toEqual(Buffer.from(plain));
});

test("sealed bytes hold nothing of the plain text, and the same text never seals alike", () => {
  const [one, two] = [sealer(KEY).seal("job_1", plain), sealer(KEY).seal("job_1", plain)];
  expect(Buffer.from(one).includes("hunter2")).toBe(false);
  expect(one).not.toEqual(two);
});

test("it opens for no other job, no other key, and not after a change of any byte", () => {
  const sealed = sealer(KEY).seal("job_1", plain);
  expect(() => sealer(KEY).open("job_2", sealed)).toThrow();
  expect(() => sealer(new Uint8Array(32)).open("job_1", sealed)).toThrow("another key");
  for (let i = 0; i < sealed.length; i++) {
    const changed = Uint8Array.from(sealed);
    changed[i] = (changed[i] ?? 0) ^ 1;
    expect(() => sealer(KEY).open("job_1", changed)).toThrow();
  }
});

test("a cut or empty text is refused, not read past its end", () => {
  const sealed = sealer(KEY).seal("job_1", new Uint8Array());
  for (let length = 0; length < sealed.length; length++) {
    expect(() => sealer(KEY).open("job_1", sealed.subarray(0, length))).toThrow();
  }
});

test("the key is made once, readable by its owner only, and found again", () => {
  using folder = tempDir("key");
  const dataDir = folder.path;
  const first = loadSecretKeys({ ...NONE, dataDir });
  expect(first.keys.map((key) => key.length)).toEqual([32]);
  expect(loadSecretKeys({ ...NONE, dataDir })).toEqual(first);
  expect(readdirSync(dataDir)).toEqual(["secret.key"]);
  expect(statSync(join(dataDir, "secret.key")).mode & 0o777).toBe(0o600);
});

test("a configured key is taken as hex, or hashed when it is other text of 16 characters or more", () => {
  using folder = tempDir("key");
  const dataDir = folder.path;
  const load = (configured: string, previous: string | null = null) =>
    loadSecretKeys({ configured, previous, dataDir });
  expect(load("07".repeat(32))).toEqual({ keys: [Buffer.from(KEY)], file: null });
  expect(load("correct horse battery", "07".repeat(32)).keys.map((key) => key.length)).toEqual([32, 32]);
  expect(() => load("short")).toThrow("too short");
  expect(readdirSync(dataDir)).toEqual([]);
});

test("a damaged key file stops the start and is left as it is", () => {
  using folder = tempDir("key");
  const dataDir = folder.path;
  writeFileSync(join(dataDir, "secret.key"), "garbage");
  expect(() => loadSecretKeys({ ...NONE, dataDir })).toThrow("does not hold a key");
});

test("a key file may hold several, and is replaced as a whole", () => {
  using folder = tempDir("key");
  const path = join(folder.path, "secret.key");
  const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  writeKeyFile(path, [one, two]);
  expect(readKeyFile(path)).toEqual([one, two]);
  writeKeyFile(path, [two]);
  expect(loadSecretKeys({ ...NONE, dataDir: folder.path })).toEqual({ keys: [two], file: path });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder.path)).toEqual(["secret.key"]);
});
