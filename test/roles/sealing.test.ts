import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, renameSync } from "node:fs";
import { systemClock } from "../../src/core/clock.ts";
import { sealerOf } from "../../src/roles/sealing.ts";
import { openStorage } from "../../src/storage/open.ts";
import type { Store } from "../../src/storage/store.ts";
import { tempDir } from "../support/tempdir.ts";
import { runCommand } from "./support.ts";

const ONE = "1".repeat(64);
const TWO = "2".repeat(64);
const NO_KEYS = { secretKey: null, previousSecretKey: null };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function emptyStore() {
  const dir = tempDir("sealing");
  ends.push(() => dir.remove());
  const storage = await openStorage({ url: `sqlite:${dir.file("netpulse.db")}`, clock: systemClock });
  ends.push(() => storage.close());
  await storage.migrate();
  return { storage, dataDir: dir.path, keyFile: dir.file("secret.key") };
}

/** The same store as if nodes on other machines could use it. */
function shared(storage: Store) {
  return {
    info: { ...storage.info, multiHost: true },
    checkSealingKey: (params: { keyId: string }) => storage.checkSealingKey(params),
    sealingKeys: () => storage.sealingKeys(),
    getSecret: (params: { name: string }) => storage.getSecret(params),
    putSecret: (params: Parameters<Store["putSecret"]>[0]) => storage.putSecret(params),
  };
}

describe("the sealer of a store", () => {
  test("is that of the configured key, or of the one in the data folder", async () => {
    const { storage, dataDir, keyFile } = await emptyStore();
    const made = await sealerOf({ ...NO_KEYS, dataDir }, storage);
    expect(existsSync(keyFile)).toBe(true);
    expect((await sealerOf({ ...NO_KEYS, dataDir }, storage)).keyId).toBe(made.keyId);
  });

  test("is refused when the configured key is not the one that the store was first used with", async () => {
    const { storage, dataDir } = await emptyStore();
    await sealerOf({ ...NO_KEYS, secretKey: ONE, dataDir }, storage);
    await expect(sealerOf({ ...NO_KEYS, secretKey: TWO, dataDir }, storage)).rejects.toMatchObject({
      name: "StartupError",
      message: expect.stringMatching(/^NETPULSE_SECRET_KEY is not the key that this store is sealed with/),
    });
    expect((await sealerOf({ ...NO_KEYS, secretKey: ONE, dataDir }, storage)).keyId).toMatch(
      /^[0-9a-f]{16}$/,
    );
  });

  test("is refused when the data folder's key was lost and made anew", async () => {
    const { storage, dataDir, keyFile } = await emptyStore();
    await sealerOf({ ...NO_KEYS, dataDir }, storage);
    renameSync(keyFile, `${keyFile}.away`);
    await expect(sealerOf({ ...NO_KEYS, dataDir }, storage)).rejects.toMatchObject({
      name: "StartupError",
      message: expect.stringContaining(keyFile),
    });
  });

  test("needs a configured key where other machines use the store, and says how to make one", async () => {
    const { storage, dataDir, keyFile } = await emptyStore();
    await expect(sealerOf({ ...NO_KEYS, dataDir }, shared(storage))).rejects.toMatchObject({
      name: "StartupError",
      message: expect.stringMatching(/NETPULSE_SECRET_KEY is missing.*openssl rand -hex 32/),
    });
    expect(existsSync(keyFile)).toBe(false);
    await sealerOf({ ...NO_KEYS, secretKey: ONE, dataDir }, shared(storage));
  });
});

test("a role refuses to start with another key, names neither key, and leaves the store as it is", async () => {
  const { storage, dataDir } = await emptyStore();
  await sealerOf({ ...NO_KEYS, secretKey: ONE, dataDir }, storage);
  for (const role of ["serve", "api", "node"]) {
    const { code, output } = await runCommand([role], {
      NETPULSE_DATA_DIR: dataDir,
      NETPULSE_SECRET_KEY: TWO,
    });
    expect([role, code]).toEqual([role, 2]);
    expect(output).toContain("netpulse: NETPULSE_SECRET_KEY is not the key that this store is sealed with");
    expect(output).not.toMatch(/1{16}|2{16}/);
  }
  expect((await sealerOf({ ...NO_KEYS, secretKey: ONE, dataDir }, storage)).keyId).toMatch(/^[0-9a-f]{16}$/);
});
