import { expect, test } from "bun:test";
import { readdir, symlink, utimes } from "node:fs/promises";
import { removeExpired } from "../../src/files/expiry.ts";
import { ID_FILE, openFileFolder } from "../../src/files/folder.ts";
import { tempDir } from "../support/tempdir.ts";

test("files go when their time is over, and folders when they are empty; nothing else does", async () => {
  using folder = tempDir("expiry");
  using outside = tempDir("outside");
  await openFileFolder({ dir: folder.path, maxSize: 10 });
  const day = 86_400;
  const now = Date.now();
  const write = async (path: string, ageSeconds: number, dir = folder) => {
    await Bun.write(dir.file(path), "x");
    await utimes(dir.file(path), 0, now / 1000 - ageSeconds);
  };
  await write("new", 10);
  await write("old", day + 10);
  await write("uploads/a/old", day + 10);
  await write("uploads/b/new", 10);
  await write("victim", 2 * day, outside);
  await write(ID_FILE, 10 * day);
  await symlink(outside.path, folder.file("link"));
  const old = now / 1000 - 2 * day;
  const round = (later = 0) =>
    removeExpired(folder.path, { now: now + later, ttlMs: day * 1000, keep: ID_FILE });
  await round();
  const names = async () => (await readdir(folder.path, { recursive: true })).sort();
  expect((await names()).filter((name) => !name.startsWith("link/"))).toEqual(
    [ID_FILE, "link", "new", "uploads", "uploads/a", "uploads/b", "uploads/b/new"].sort(),
  );
  await utimes(folder.file("uploads/a"), old, old);
  await round();
  expect(await names()).not.toContain("uploads/a");
  expect(await names()).toContain("uploads/b/new");
  expect(await Bun.file(outside.file("victim")).text()).toBe("x");
  await removeExpired(folder.file("not-there-yet"), { now, ttlMs: 0, keep: ID_FILE });
});
