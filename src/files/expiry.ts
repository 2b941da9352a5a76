import { lstat, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";

/** An empty folder is left for so long: somebody may just have made it for a file, ms. */
const FOLDER_MS = 3600_000;

/**
 * Removes what was written last longer ago than `ttlMs`, and folders that have become empty. Several may do it at once.
 * Links are neither followed nor removed: nothing of ours makes any.
 */
export async function removeExpired(
  dir: string,
  { now, ttlMs, keep }: { now: number; ttlMs: number; keep: string },
): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true }).catch(gone)) {
    const path = join(dir, entry.name);
    if (entry.name === keep) continue;
    if (entry.isDirectory()) {
      await removeExpired(path, { now, ttlMs, keep });
      await removeEmpty(path, now);
    } else if (entry.isFile() && (await age(path, now)) >= ttlMs) {
      await rm(path, { force: true });
    }
  }
}

/** It was not there yet, or another has just removed it. */
function gone(error: NodeJS.ErrnoException): [] {
  if (error.code !== "ENOENT") throw error;
  return [];
}

async function removeEmpty(path: string, now: number): Promise<void> {
  if ((await age(path, now)) < FOLDER_MS) return;
  await rmdir(path).catch((error: NodeJS.ErrnoException) => {
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(error.code ?? "")) throw error;
  });
}

async function age(path: string, now: number): Promise<number> {
  const found = await lstat(path).catch(() => null);
  return found === null ? 0 : now - found.mtimeMs;
}
