import { Database } from "bun:sqlite";
import { afterEach, expect, test } from "bun:test";
import { readlinkSync } from "node:fs";
import { WalFile, type WalFileOptions } from "../../../src/storage/sqlite/wal-file.ts";
import { type TempDir, tempDir } from "../../support/tempdir.ts";

const dirs: TempDir[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) dir.remove();
});

function walOf(options: Partial<WalFileOptions> = {}) {
  const dir = tempDir("wal-file");
  dirs.push(dir);
  const path = dir.file("some.db");
  const db = new Database(path);
  db.run("PRAGMA journal_mode = WAL");
  db.run("CREATE TABLE t (a)");
  return { path, db, wal: new WalFile({ path, checkpoint: () => true, ...options }) };
}

test("what is synced is the -wal file, with the machine's own call too", async () => {
  const synced: string[] = [];
  const sync = async (file: number) => void synced.push(readlinkSync(`/proc/self/fd/${file}`));
  const { path, wal, db } = walOf({ sync });
  await wal.sync();
  await wal.sync();
  expect(synced).toEqual([`${path}-wal`, `${path}-wal`]);
  await wal.close();
  const own = new WalFile({ path, checkpoint: () => true });
  await own.sync();
  await own.close();
  db.close();
});

test("a failure names the file and the reason; after it a sync counts only once the database file has all commits", async () => {
  const steps: string[] = [];
  let works = false;
  let free = false;
  const { wal, path } = walOf({
    sync: async () => {
      steps.push("sync");
      if (!works) throw new Error("EIO: input/output error");
    },
    checkpoint: () => {
      steps.push("checkpoint");
      return free;
    },
  });
  await expect(wal.sync()).rejects.toMatchObject({
    name: "StorageError",
    kind: "unavailable",
    message: expect.stringMatching(/some\.db: cannot write to the disk \(EIO: input\/output error\)/),
  });
  works = true;
  await expect(wal.sync()).rejects.toThrow(`${path}: cannot write to the disk (another process was reading)`);
  expect(steps).toEqual(["sync", "checkpoint"]);
  free = true;
  await wal.sync();
  await wal.sync();
  expect(steps).toEqual(["sync", "checkpoint", "checkpoint", "sync", "sync"]);
});

test("a -wal file that is not there is a failure, not silence", async () => {
  const { db, wal } = walOf();
  db.run("PRAGMA journal_mode = DELETE");
  await expect(wal.sync()).rejects.toThrow(/cannot write to the disk \(ENOENT/);
});
