import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureApiKey } from "../../src/api/api-key.ts";
import { StartupError } from "../../src/core/errors.ts";

const root = mkdtempSync(join(tmpdir(), "netpulse-api-key-"));
afterAll(() => rmSync(root, { recursive: true }));

function folder(name: string): string {
  return join(root, name);
}

test("a configured key is taken as it is, and none is kept", () => {
  const dataDir = folder("configured");
  expect(ensureApiKey({ dataDir, configured: "my-own-key-0123456789" })).toEqual({
    key: "my-own-key-0123456789",
    created: false,
  });
  expect(() => statSync(dataDir)).toThrow();
});

test("without one a key is made at the first start, readable by its owner alone, and kept", () => {
  const dataDir = folder("first/start");
  const first = ensureApiKey({ dataDir, configured: null });
  expect(first).toEqual({ key: expect.stringMatching(/^np_[\w-]{43}$/), created: true });
  expect(statSync(join(dataDir, "api-key")).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(dataDir, "api-key"), "utf8")).toBe(`${first.key}\n`);
  expect(ensureApiKey({ dataDir, configured: null })).toEqual({ key: first.key, created: false });
});

test("two folders have two keys", () => {
  const keys = ["a", "b"].map((name) => ensureApiKey({ dataDir: folder(name), configured: null }).key);
  expect(keys[0]).not.toBe(keys[1]);
});

test("processes that start together agree on one key, and one of them made it", async () => {
  const dataDir = folder("together");
  const script = `
    import { ensureApiKey } from "${import.meta.dir}/../../src/api/api-key.ts";
    console.log(JSON.stringify(ensureApiKey({ dataDir: process.argv[1], configured: null })));`;
  const started = Array.from({ length: 4 }, () => Bun.spawn([process.execPath, "-e", script, dataDir]));
  const made: { key: string; created: boolean }[] = await Promise.all(
    started.map((child) => child.stdout.json()),
  );
  expect(new Set(made.map(({ key }) => key)).size).toBe(1);
  expect(made.filter(({ created }) => created)).toHaveLength(1);
});

test("a file that holds no key stops the start, without its content", () => {
  const dataDir = folder("broken");
  ensureApiKey({ dataDir, configured: null });
  writeFileSync(join(dataDir, "api-key"), "short secret\n");
  expect(() => ensureApiKey({ dataDir, configured: null })).toThrow(StartupError);
  expect(() => ensureApiKey({ dataDir, configured: null })).toThrow(/does not hold a key/);
  expect(() => ensureApiKey({ dataDir, configured: null })).not.toThrow(/short secret/);
});

test("a folder that cannot be used stops the start with its name", () => {
  const file = folder("a-file");
  writeFileSync(file, "");
  expect(() => ensureApiKey({ dataDir: join(file, "data"), configured: null })).toThrow(
    `the API key cannot be kept in ${join(file, "data", "api-key")} (ENOTDIR); make the folder writable`,
  );
});
