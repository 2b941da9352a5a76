import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { systemClock } from "../../../src/core/clock.ts";
import { refuseForeign } from "../../../src/storage/sqlite/connection.ts";
import { openSqlite } from "../../../src/storage/sqlite/index.ts";
import { migrate } from "../../../src/storage/sqlite/migrate.ts";
import { MIGRATIONS } from "../../../src/storage/sqlite/migrations/index.ts";
import { succeeded } from "../../../src/storage/storage.ts";
import { bytes, Factory, HOUR, T0 } from "../../support/factory.ts";
import { type TempDir, tempDir } from "../../support/tempdir.ts";
import { reading } from "./backend.ts";

const dirs: TempDir[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) dir.remove();
});

function newFile(): string {
  const dir = tempDir("sqlite", 0o755);
  dirs.push(dir);
  return dir.file("netpulse.db");
}

const open = (path: string) => openSqlite({ path, clock: systemClock });
/** Paths of what this process has open. */
function openFiles(): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return []; // the one that listed them
    }
  });
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe("the database file", () => {
  test("and the files beside it are for its owner alone", async () => {
    const path = newFile();
    const storage = await open(path);
    await storage.migrate();
    for (const file of [path, `${path}-wal`, `${path}-shm`])
      expect([file, modeOf(file)]).toEqual([file, "600"]);
    await storage.close();
  });

  test("is not taken for a foreign one while another process makes its tables", async () => {
    const path = newFile();
    const [db, other] = [new Database(path, { create: true }), new Database(path)];
    db.run("PRAGMA journal_mode = WAL");
    const prepare = db.prepare.bind(db);
    let looks = 0;
    db.prepare = ((sql: string) => ({
      get() {
        const seen = prepare(sql).get();
        looks += 1;
        if (looks === 1) migrate(other, path);
        return seen;
      },
    })) as unknown as typeof db.prepare;
    refuseForeign(db, path);
    expect(looks).toBeGreaterThan(0);
    expect(() => refuseForeign(other, path)).not.toThrow();
    for (const each of [db, other]) each.close();
  });

  test("is narrowed where somebody has made it wider", async () => {
    const path = newFile();
    writeFileSync(path, "");
    chmodSync(path, 0o644);
    const storage = await open(path);
    expect(modeOf(path)).toBe("600");
    await storage.close();
  });

  test("is set up to shrink, to overwrite what is deleted, and to be read while it is written", async () => {
    const path = newFile();
    const storage = await open(path);
    await storage.migrate();
    reading(path, (db) => {
      const pragma = (name: string) => Object.values(db.query(`PRAGMA ${name}`).get() ?? {})[0];
      expect(pragma("journal_mode")).toBe("wal");
      expect(pragma("auto_vacuum")).toBe(2);
      expect(pragma("page_size")).toBe(4096);
    });
    await storage.close();
  });

  test("is synced by us where nothing may be lost with the power, and not where that is allowed", async () => {
    const held = async (synchronous: "full" | "normal") => {
      const path = newFile();
      const storage = await openSqlite({ path, clock: systemClock, synchronous });
      await storage.migrate();
      const found = openFiles().filter((name) => name === `${realpathSync(path)}-wal`);
      await storage.close();
      return found.length;
    };
    // One descriptor is SQLite's.
    expect(await held("normal")).toBe(1);
    expect(await held("full")).toBe(2);
  });

  test("shrinks when jobs are forgotten", async () => {
    const path = newFile();
    const storage = await open(path);
    await storage.migrate();
    const make = new Factory(storage);
    await make.queuedAll(
      Array.from({ length: 1_000 }, () => ({ sealed: new Uint8Array(2_000), resultTtlMs: 0 })),
    );
    await storage.cancelQueued({ op: make.op(), filter: {}, now: T0 });
    const pages = () =>
      reading(path, (db) => db.query<{ page_count: number }, []>("PRAGMA page_count").get()?.page_count ?? 0);
    const before = pages();
    for (let n = 0; n < 10; n++) await storage.prune({ max: 1_000, now: T0 + HOUR });
    expect(pages()).toBeLessThan(before / 2);
    await storage.close();
  });

  test("holds nothing of a sealed operation once its job has ended", async () => {
    const path = newFile();
    const storage = await open(path);
    await storage.migrate();
    const make = new Factory(storage);
    const sealed = Buffer.from(crypto.getRandomValues(new Uint8Array(6_000)));
    const { token } = await make.started({ sealed });
    await storage.close();
    expect(readFileSync(path).includes(sealed.subarray(0, 64))).toBe(true);
    const again = await open(path);
    await new Factory(again).settle(token, succeeded());
    await again.close();
    const left = readFileSync(path);
    for (let at = 0; at < sealed.length - 64; at += 64)
      expect(left.includes(sealed.subarray(at, at + 64))).toBe(false);
    expect(existsSync(`${path}-wal`)).toBe(false);
  });
});

describe("a file that is refused", () => {
  test("is one with a newer schema, which stays as it is", async () => {
    const path = newFile();
    const storage = await open(path);
    await storage.migrate();
    await storage.close();
    reading(path, (db) => db.run("PRAGMA user_version = 99"));
    const before = readFileSync(path);
    const newer = await open(path);
    await expect(newer.migrate()).rejects.toMatchObject({
      name: "StorageError",
      kind: "schema_too_new",
      message: expect.stringMatching(new RegExp(`${path}.*99.*${MIGRATIONS.length}`)),
    });
    await newer.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("is another program's database, which stays as it is", async () => {
    const path = newFile();
    const foreign = new Database(path);
    foreign.run("CREATE TABLE theirs (a)");
    foreign.close();
    const before = readFileSync(path);
    await expect(open(path)).rejects.toMatchObject({
      kind: "corrupt",
      message: expect.stringContaining(path),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("is no database at all", async () => {
    const path = newFile();
    writeFileSync(path, "just some text, and enough of it to be a header".repeat(100));
    await expect(open(path)).rejects.toMatchObject({
      kind: "corrupt",
      message: expect.stringContaining(path),
    });
  });

  test("is in a folder that is not there", async () => {
    const path = `${newFile()}/nowhere/netpulse.db`;
    await expect(open(path)).rejects.toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining(path),
    });
  });
});

describe("a damaged file", () => {
  test("is refused as corrupt", async () => {
    const path = newFile();
    const storage = await open(path);
    await storage.migrate();
    await storage.close();
    const data = readFileSync(path);
    data.fill(0xff, 4096);
    writeFileSync(path, data);
    await expect(open(path)).rejects.toMatchObject({ name: "StorageError", kind: "corrupt" });
  });

  test("fails the calls that meet the damage, as corrupt", async () => {
    const path = newFile();
    const storage = await open(path);
    await storage.migrate();
    await new Factory(storage).queuedAll(
      Array.from({ length: 200 }, () => ({ sealed: bytes("x".repeat(500)) })),
    );
    await storage.close();
    const root = reading(
      path,
      (db) =>
        db.query<{ rootpage: number }, []>("SELECT rootpage FROM sqlite_schema WHERE name = 'levels'").get()
          ?.rootpage,
    );
    const data = readFileSync(path);
    data.fill(0xff, ((root ?? 0) - 1) * 4096, (root ?? 0) * 4096);
    writeFileSync(path, data);
    const damaged = await open(path);
    const corrupt = { name: "StorageError", kind: "corrupt" };
    await expect(damaged.counts()).rejects.toMatchObject(corrupt);
    await expect(new Factory(damaged).queued()).rejects.toMatchObject(corrupt);
    await damaged.close();
  });
});
